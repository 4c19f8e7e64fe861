"""Adapter to Ray, and its only user: place a supervisor for each slot on a machine of the cluster."""

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager, redirect_stdout, suppress
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from harness.config import EMBEDDED, ConfigError
from harness.endpoint_lock import HERE, server_of
from harness.installation import PACKAGE
from sweeps.cluster.messages import Job, Message, WorkerSetup
from sweeps.cluster.supervisor import STOP_TIMEOUT, Supervisor

NAMESPACE = "harness-sweeps"

STORE = 128 << 20
"""Bytes of shared memory for parcels, where Ray is started for the sweep; more goes to the disk."""


REACHABLE_TIMEOUT = 10.0
"""Seconds allowed for a connection to the cluster."""


def require_ray() -> None:
    """Raises ConfigError where Ray is not installed."""
    if find_spec("ray") is None:
        raise ConfigError("hydra/launcher=ray: Ray is not installed: pip install 'harness-sweeps[ray]'")


class WorkerLost(Exception):  # noqa: N818 - a state of the world
    """A supervisor or its machine is gone; the message is one line."""


class EndpointTaken(Exception):  # noqa: N818 - a state of the world
    """Another sweep on the cluster has the endpoint."""


class RemoteWorker:
    """A supervisor on the cluster, with one pending request for its messages at any time."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor
        self.news = actor.messages.remote()

    def give(self, job: Job) -> None:
        self._actor.give.remote(job)

    def interrupt(self) -> None:
        self._actor.interrupt.remote()

    def receive(self) -> list[Message]:
        """Return the messages of the pending request, and issue the next one. Raises WorkerLost."""
        import ray  # noqa: PLC0415
        from ray.exceptions import RayError  # noqa: PLC0415

        try:
            messages: list[Message] = ray.get(self.news)
        except RayError as error:
            # It may be out of reach and well; there must not be two of them on one endpoint.
            with suppress(RayError):
                ray.kill(self._actor)
            raise WorkerLost(f"its worker is gone: {_first_line(error)}") from error
        self.news = self._actor.messages.remote()
        return messages

    def close(self) -> Any:
        """Stop the worker; returns the Ray reference that resolves once it has stopped."""
        return self._actor.close.remote()


class Cluster:
    """A Ray cluster that this machine belongs to, entered by `connected`."""

    def place(self, endpoint: str, setup: WorkerSetup) -> RemoteWorker:
        """A supervisor near its endpoint: on the machine that the URL names, where that is one of the cluster, else
        on any. Raises Held while another sweep on this cluster has the endpoint.
        """
        import ray  # noqa: PLC0415

        where, options = self._where(endpoint)  # a name that is taken is a ValueError to Ray
        if endpoint != EMBEDDED:
            # The name lives as long as the supervisor: it holds the endpoint against all other sweeps here.
            options["name"] = f"{where} {server_of(endpoint)}" if where else server_of(endpoint)
        try:
            actor = ray.remote(Supervisor).options(max_concurrency=4, **options).remote(setup)
        except ValueError as error:
            raise EndpointTaken from error
        return RemoteWorker(actor)

    def ready(self, remotes: Sequence[RemoteWorker], seconds: float) -> list[RemoteWorker]:
        """Return the workers with messages; wait at most `seconds` for the first."""
        import ray  # noqa: PLC0415

        if not remotes:
            time.sleep(seconds)
            return []
        by_question = {remote.news: remote for remote in remotes}
        answered, _ = ray.wait(list(by_question), num_returns=1, timeout=seconds)
        return [by_question[question] for question in answered]

    def close(self, remotes: Sequence[RemoteWorker]) -> None:
        """Stop workers, and wait until they have stopped."""
        import ray  # noqa: PLC0415

        if remotes:
            ray.wait([remote.close() for remote in remotes], num_returns=len(remotes), timeout=STOP_TIMEOUT + 5)

    def _where(self, endpoint: str) -> tuple[str, dict[str, Any]]:
        """Return the node id where `localhost` needs one, and the scheduling options for Ray."""
        import ray  # noqa: PLC0415
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415

        if endpoint == EMBEDDED:
            return "", {"num_cpus": 1, "scheduling_strategy": "SPREAD"}
        host = server_of(endpoint).rpartition(":")[0]
        if host == HERE:
            # `localhost` is this machine, for whoever wrote it.
            here = ray.get_runtime_context().get_node_id()
            return here, {"num_cpus": 0, "scheduling_strategy": NodeAffinitySchedulingStrategy(here, soft=False)}
        nodes = {node["NodeManagerAddress"]: node["NodeID"] for node in _nodes() if node["Alive"]}
        near = nodes.get(_address(urlsplit(endpoint).hostname or ""))
        if near is None:
            return "", {"num_cpus": 1, "scheduling_strategy": "SPREAD"}
        return "", {"num_cpus": 0, "scheduling_strategy": NodeAffinitySchedulingStrategy(near, soft=True)}


@contextmanager
def connected(address: str | None, workers: int) -> Iterator[Cluster]:
    """A cluster for the length of a sweep: the one at the address, or one of this machine alone, for so many workers.

    Raises ConfigError, in one line, if there is none at the address.
    """
    require_ray()
    _check_reachable(address)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray  # noqa: PLC0415

    logging.getLogger("ray").setLevel(logging.CRITICAL)

    # Ray prints what it thinks of its cluster to standard output, at any time; what matters of it is told by us.
    with ExitStack() as stack, open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        before = signal.getsignal(signal.SIGTERM)
        stack.callback(ray.shutdown)
        options: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "configure_logging": False}
        try:
            # Ray makes the current folder part of its workers' import path, and that may hold a `harness` of its own.
            with chdir(PACKAGE.parent):
                if address is None:
                    alone: dict[str, Any] = {
                        "num_cpus": workers,
                        "include_dashboard": False,
                        "object_store_memory": STORE,
                    }
                    ray.init(address="local", **alone, **options)
                else:
                    ray.init(address=address, **options)
        except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
            raise ConfigError(f"hydra.launcher.address={address or 'null'}: {_first_line(error)}") from None
        finally:
            signal.signal(signal.SIGTERM, before)  # Ray takes it for itself
        yield Cluster()


def _check_reachable(address: str | None) -> None:
    """Raise ConfigError if nothing listens at the address: Ray itself would try for minutes."""
    host, _, port = (_current() if address == "auto" else address or "").rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=REACHABLE_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"hydra.launcher.address={address}: nobody answers there: {error}") from None


def _current() -> str:
    """Return the address that `auto` resolves to. Raises ConfigError where there is none."""
    try:
        from ray._private.services import canonicalize_bootstrap_address  # noqa: PLC0415

        address = canonicalize_bootstrap_address("auto")
    except (ImportError, TypeError):
        return ""  # Ray promises none of it, and finds out by itself
    except ConnectionError:
        address = None
    if address is None:
        raise ConfigError(
            "hydra.launcher.address=auto: this machine belongs to no Ray cluster: ray start joins it to one"
        )
    return address


def _nodes() -> list[dict[str, Any]]:
    import ray  # noqa: PLC0415

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return nodes


def _address(host: str) -> str:
    try:
        return socket.gethostbyname(host)
    except OSError:
        return host


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
