"""The server as a process: how it starts, what it refuses, and when it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from served import Served, opening

from harness.simulator import EmbeddedSimulator, SimulatorError

COMMAND = (sys.executable, "-m", "harness.simulator")


def refused(*options: str) -> tuple[int, str]:
    """Exit status and error output of a server that cannot be started."""
    ended = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=600, check=False)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.strip()


@contextmanager
def started(*options: str, hash_seed: str = "0") -> Iterator[str]:
    """A server started by hand, by its base URL."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait(600)
        process.stdout.close()


def reachable(endpoint: str) -> bool:
    try:
        return httpx.get(f"{endpoint}/models", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--profile", "nobody"), "'nobody'"),
        (("--port", "1"), "--profile"),
        (("--profile", "nop", "--port", "99999"), "99999"),
        (("--profile", "nop", "--host", "192.0.2.1"), "192.0.2.1"),
        (("--profile", "nop", "--latency", "-1"), "-1"),
        (("--profile", "nop", "--parameters", "/nowhere.json"), "/nowhere.json"),
        (("--profile", "nop", "--examples", "/nowhere"), "/nowhere"),
    ],
)
def test_what_cannot_be_served_is_one_line_and_exit_status_2(options: tuple[str, ...], named: str) -> None:
    """The line names what is wrong."""
    status, words = refused(*options)
    assert (2, 1) == (status, len(words.splitlines()))
    assert named in words


def test_a_port_in_use_is_one_line_and_exit_status_2() -> None:
    """The line names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, words = refused("--profile", "nop", "--port", port)
    assert (2, 1) == (status, len(words.splitlines()))
    assert port in words


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"no_such": 1}', '{"slips": 2}', '{"batch_calls": 1.5}', '{"edits": true}']
)
def test_parameters_that_will_not_do_are_refused(tmp_path: Path, text: str) -> None:
    """A file that is no JSON object, an unknown name, and a value out of range: each in one line."""
    path = tmp_path / "parameters.json"
    path.write_text(text)
    status, words = refused("--profile", "resweep", "--parameters", str(path))
    assert (2, 1) == (status, len(words.splitlines()))


def test_a_parameters_file_replaces_the_profile_s_own(tmp_path: Path) -> None:
    """With thoughts of median length 0 there is no reasoning."""
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps({"thought_looking": 0, "thought_acting": 0}))
    with started("--profile", "resweep", "--parameters", str(path)) as endpoint, httpx.Client() as http:
        message = Served(http, endpoint, "sim-resweep").ask(opening("calc"))["choices"][0]["message"]
    assert "reasoning_content" not in message


def test_latency_is_waited_and_told() -> None:
    """A reply takes at least the latency, and usage says so."""
    with started("--profile", "nop", "--latency", "0.2") as endpoint, httpx.Client() as http:
        usage = Served(http, endpoint, "sim-nop").ask(opening("calc"))["usage"]
    assert usage["total_time"] >= 0.2


def test_the_same_request_gets_the_same_reply_in_every_process() -> None:
    """Message and ids are equal to the byte, whatever Python's hash seed is, and differ with the sampling seed."""
    replies = []
    for hash_seed in ("1", "2"):
        with started("--profile", "resweep", hash_seed=hash_seed) as endpoint, httpx.Client() as http:
            served = Served(http, endpoint, "sim-resweep")
            replies.append([served.ask(opening("apikit"), seed=seed)["choices"] for seed in (1, 1, 2)])
    assert replies[0] == replies[1]
    assert replies[0][0] == replies[0][1]
    assert replies[0][0] != replies[0][2]


def test_an_embedded_subject_lasts_as_long_as_its_block() -> None:
    """Reachable within it, on loopback, and gone after it."""
    with EmbeddedSimulator("nop") as simulator:
        endpoint = simulator.endpoint
        assert endpoint.startswith("http://127.0.0.1:")
        assert reachable(endpoint)
    assert not reachable(endpoint)


def test_an_embedded_subject_that_cannot_start_says_why() -> None:
    """One line, and no process is left."""
    with pytest.raises(SimulatorError, match="'nobody'"), EmbeddedSimulator("nobody"):
        pass


def test_an_embedded_subject_outlives_ctrl_c_and_not_its_parent(tmp_path: Path) -> None:
    """Ctrl-C in the terminal does not reach it, for the run still has to be recorded; kill -9 of the parent ends it."""
    script = """
        import signal, time
        from harness.simulator import EmbeddedSimulator
        signal.signal(signal.SIGINT, lambda *_: None)
        with EmbeddedSimulator("nop") as simulator:
            print(simulator.endpoint, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    assert parent.stdout is not None
    endpoint = parent.stdout.readline().strip()
    os.killpg(parent.pid, signal.SIGINT)
    time.sleep(0.3)
    assert reachable(endpoint)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while reachable(endpoint) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not reachable(endpoint)
