"""Attempts against each sandbox: the generated table of docs/gate.md.

    python -m harness.sandbox.holds [--check]

Only the sandboxes that work here are tried; the columns of the others stay as they are recorded. With `--check`
nothing is written: the command fails if something is open here that the table says is closed.
"""

import argparse
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.attempts import USER_KEYRING
from harness.sandbox.base import Sandbox
from harness.sandbox.confined import ConfinedSandbox
from harness.sandbox.environment import PlainEnvironment, gate_build_cache
from harness.sandbox.process import ProcessLimits
from harness.sandbox.select import CONFINING, open_sandbox, probe
from harness.trees import remove, scratch_folder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gate.md"
BEGIN, END = "<!-- what each sandbox holds: begin -->\n", "<!-- what each sandbox holds: end -->\n"
KEY_CONTROL = {"x86_64": 250, "aarch64": 219}
SEARCH, UNLINK = 10, 9
KINDS = (*CONFINING, "none")
SMALL = ProcessLimits(memory=300 << 20, disk=40 << 20, files=400, processes=100)

ROWS = {
    "read": "read a file outside",
    "names": "find out whether a file outside exists",
    "write": "write to a file outside",
    "mode": "change the mode of a file outside",
    "times": "change the times of a file outside",
    "attributes": "set an extended attribute of a file outside",
    "repository": "change `.git/config`",
    "new_repository": "leave a new `.git` in a folder",
    "cache": "write to the build cache of the gate",
    "home": "leave a file in its home for the next command",
    "socket": "connect to a Unix socket by its path",
    "abstract": "connect to an abstract Unix socket",
    "tcp": "connect to a server on this machine",
    "udp": "send a datagram to this machine",
    "system_v": "leave System V shared memory",
    "posix": "leave POSIX shared memory",
    "queue": "leave a message queue",
    "keyring": "leave a key in the user's keyring",
    "processes": "see a process of somebody else",
    "signal": "send a signal to it",
    "trace": "trace it",
    "own_memory": "write its own memory through `/proc/self/mem`",
    "environment": "see a secret in an environment",
    "survive": "leave a process running",
    "many_processes": "start more processes than allowed",
    "much_memory": "hold more memory than allowed, in many processes",
    "much_disk": "fill more of the disk than allowed, with many files",
    "many_files": "make more files than allowed",
}
"""Attempts, in the words of the table."""

HOG = "head -c 60000000 /dev/zero | tail -c 60000000 | (sleep 3; wc -c)"
BOMBS = {
    "much_memory": f"for n in 1 2 3 4 5 6 7 8; do {HOG} & done; wait",
    "much_disk": "n=0; while :; do head -c 4000000 /dev/zero > f$n; n=$((n+1)); done",
    "many_files": "while :; do mktemp -p .; done",
}
SPAWN = "for n in $(seq 600); do sleep 3 & sleep 0.01; done; echo all"


def held(kind: str) -> dict[str, bool]:
    """Return for each row whether the sandbox of this kind held it back, here and now."""
    open_ones = {name for name, worked in _attempted(kind).items() if worked} | _unbounded(kind)
    return {name: name not in open_ones for name in ROWS}


def _attempted(kind: str) -> dict[str, bool]:
    with _targets() as targets:
        python = Path(sys.executable).resolve()
        scratch = targets.folder / "scratch"
        environment = PlainEnvironment((python.parent,), (python.parent.parent,))
        sandbox = open_sandbox(kind, environment, scratch, targets.root, cache=False)
        if isinstance(sandbox, ConfinedSandbox):
            sandbox = sandbox.seeing(Path(sys.base_prefix))
        source = Path(__file__).with_name("attempts.py").read_text()
        argv = [str(python), "-I", "-S", "-c", source, json.dumps(targets.facts)]
        finished = sandbox.run(argv, cwd=targets.root, timeout=60)
        worked: dict[str, bool] = json.loads(finished.output.splitlines()[0])
        return worked | targets.seen(sandbox)


def _unbounded(kind: str) -> set[str]:
    """Return the limits that did not end a command beyond them."""
    result = set()
    for name, script in BOMBS.items():
        with scratch_folder("harness-holds-") as folder:
            output = _small(kind, folder, script)
        if "[ended: it used more than" not in output:
            result.add(name)
    with scratch_folder("harness-holds-") as folder:
        if "all\n" in _small(kind, folder, SPAWN):
            result.add("many_processes")
    return result


def _small(kind: str, folder: Path, script: str) -> str:
    (folder / "root").mkdir()
    environment, root = PlainEnvironment(), folder / "root"
    sandbox = open_sandbox(kind, environment, folder / "scratch", root, limits=SMALL, cache=False)
    return sandbox.run(["sh", "-c", script], cwd=folder / "root", timeout=15).output


@dataclass
class AttemptTargets:
    """Targets of the attempts, and the checks of what became of them from outside."""

    folder: Path
    root: Path
    facts: dict[str, str | int]
    servers: Mapping[str, socket.socket]

    def seen(self, sandbox: Sandbox) -> dict[str, bool]:
        """Return the attempts that worked, as seen from outside; that decides where it is possible."""
        time.sleep(1.2)
        facts = self.facts
        planted = (self.root / ".git" / "config").read_text() != "mine"
        output = sandbox.run(["sh", "-c", "ls -a $HOME"], cwd=self.root, timeout=20).output
        return {
            "write": self._stat("written").st_size > 0,
            "mode": self._stat("mode").st_mode & 0o777 == 0o777,
            "times": self._stat("times").st_mtime == 1,
            "repository": planted,
            "new_repository": (self.root / "new" / ".git").exists(),
            "home": ".left" in output,
            "survive": Path(str(facts["late"])).exists(),
            "cache": Path(str(facts["cache"])).exists(),
            "posix": Path(f"/dev/shm/{facts['name']}").exists(),
            "system_v": ctypes.CDLL(None).shmget(int(facts["key"]), 0, 0) >= 0,
            "queue": _queue_left(f"/{facts['name']}"),
            "keyring": _key_left(str(facts["name"])),
            **{name: _received(server) for name, server in self.servers.items()},
        }

    def _stat(self, name: str) -> os.stat_result:
        return Path(str(self.facts[name])).stat()


@contextmanager
def _targets() -> Iterator[AttemptTargets]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder("harness-holds-"))
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-outside-", dir=_outside())))
        root = folder / "root"
        (root / ".git" / "hooks").mkdir(parents=True)
        (root / ".git" / "config").write_text("mine")
        name = f"harness-{secrets.token_hex(6)}"
        facts: dict[str, str | int] = {"root": str(root), "name": name, "abstract": name, "harness": os.getpid()}
        for target in ("secret", "written", "mode", "times", "attributes"):
            (outside / target).touch(mode=0o600)
            facts[target] = str(outside / target)
        gate = gate_build_cache()
        gate.mkdir(parents=True, exist_ok=True)
        facts |= {"cache": str(gate / name), "late": str(root / "late"), "key": secrets.randbelow(1 << 30) + 1}
        facts |= {"planted": _plant(stack), "victim": _victim(stack), "socket": str(outside / "s")}
        servers = {
            "socket": socket.socket(socket.AF_UNIX),
            "abstract": socket.socket(socket.AF_UNIX),
            "tcp": socket.socket(socket.AF_INET),
            "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        }
        for kind, server in servers.items():
            stack.enter_context(server)
            place = {"socket": str(outside / "s"), "abstract": "\0" + name}.get(kind, ("127.0.0.1", 0))
            server.bind(place)
            server.settimeout(0.2)
            if kind != "udp":
                server.listen()
        facts |= {kind: servers[kind].getsockname()[1] for kind in ("tcp", "udp")}
        stack.callback(_clean, facts)
        yield AttemptTargets(folder, root, facts, servers)


def _outside() -> Path:
    """A folder in which no sandbox has anything of its own."""
    return Path("/var/tmp") if os.access("/var/tmp", os.W_OK) else Path.home()


def _plant(stack: ExitStack) -> str:
    """Put a secret into our own environment."""
    secret = f"sk-{secrets.token_hex(12)}"
    os.environ["HARNESS_PLANTED_KEY"] = secret
    stack.callback(os.environ.pop, "HARNESS_PLANTED_KEY", None)
    return secret


def _victim(stack: ExitStack) -> int:
    """A process that ignores what is sent to it."""
    command = ["sh", "-c", "trap '' USR1; while :; do sleep 1; done"]
    victim = stack.enter_context(subprocess.Popen(command, start_new_session=True))
    stack.callback(os.killpg, victim.pid, signal.SIGKILL)
    time.sleep(0.1)
    return victim.pid


def _received(server: socket.socket) -> bool:
    try:
        if server.type == socket.SOCK_DGRAM:
            return bool(server.recv(16))
        client, _ = server.accept()
        with client:
            return bool(client.recv(16))
    except OSError:
        return False


def _queue_left(name: str) -> bool:
    """Return True if a message queue of this name exists, and remove it."""
    try:
        return bool(ctypes.CDLL(None).mq_unlink(name.encode()) == 0)
    except AttributeError:
        return False


def _key_left(name: str) -> bool:
    """Return True if the user's keyring has a key of this name, and remove it."""
    number = KEY_CONTROL.get(os.uname().machine)
    if number is None:
        return False
    libc = ctypes.CDLL(None)
    key = libc.syscall(number, SEARCH, USER_KEYRING, b"user", name.encode(), 0)
    return bool(key >= 0 and libc.syscall(number, UNLINK, key, USER_KEYRING) >= 0)


def _clean(facts: Mapping[str, str | int]) -> None:
    libc = ctypes.CDLL(None)
    for path in (str(facts["cache"]), f"/dev/shm/{facts['name']}"):
        remove(Path(path))
    if (identity := libc.shmget(int(facts["key"]), 0, 0)) >= 0:
        libc.shmctl(identity, 0, None)


def recorded() -> dict[str, dict[str, str]]:
    """The table as it is in the page: by row and kind, `held`, `open` or a blank."""
    result: dict[str, dict[str, str]] = {}
    names = {text: name for name, text in ROWS.items()}
    lines = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines()
    for line in lines[2:]:
        text, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        if text in names:
            result[names[text]] = dict(zip(KINDS, cells, strict=True))
    return result


def table(results: Mapping[str, Mapping[str, bool]]) -> str:
    """The table with these results; what was not tried here stays as it is recorded."""
    before = recorded()
    lines = [f"| can code under test … | {' | '.join(KINDS)} |", "|---" * (len(KINDS) + 1) + "|"]
    for name, text in ROWS.items():
        known = before.get(name, {})
        words = {kind: "held" if result[name] else "open" for kind, result in results.items()}
        cells = [words.get(kind) or known.get(kind, "not tried") for kind in KINDS]
        lines.append(f"| {text} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m harness.sandbox.holds", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if something is open that the table says is held")
    options = parser.parse_args()
    results = {kind: held(kind) for kind in KINDS if kind == "none" or not probe(kind)}
    if options.check:
        known = recorded()
        wrong = [
            f"{kind}: code can {ROWS[name]}"
            for kind, result in results.items()
            for name, closed in result.items()
            if not closed and known.get(name, {}).get(kind) != "open"
        ]
        print("\n".join(wrong) or f"docs/gate.md holds here for {', '.join(results)}")
        return 1 if wrong else 0
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(head + BEGIN + table(results) + END + rest.partition(END)[2], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
