"""Tries, from inside a sandbox, all that code under test should not be able to do. Run as a script, not imported.

    python -I -S attempts.py '{"target": "/outside/file", …}'

It prints a JSON object: what was tried, and whether it worked. The process that started it makes the targets
(`holds.py`) and looks at them afterwards, since code may be mistaken about what it reached.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
TRACE_SEIZE = 0x4206
ADD_KEY = {"x86_64": 248, "aarch64": 217}
USER_KEYRING = -4
CREATE = 0o1000
QUEUE_CREATE = os.O_CREAT | os.O_RDWR

Attempt = Callable[[dict[str, Any]], object]


def checked(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def read(facts: dict[str, Any]) -> None:
    with open(facts["secret"], "rb") as file:  # noqa: PTH123 - without pathlib, which takes long to load
        file.read()


def write(facts: dict[str, Any]) -> None:
    with open(facts["written"], "ab") as file:  # noqa: PTH123
        file.write(b"x")


def chmod(facts: dict[str, Any]) -> None:
    """By name, and through a descriptor that was opened to read."""
    try:
        os.chmod(facts["mode"], 0o777)  # noqa: PTH101
    except OSError:
        os.fchmod(os.open(facts["mode"], os.O_RDONLY), 0o777)


def unix_socket(facts: dict[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(facts["socket"])
        client.send(b"socket")


def abstract_socket(facts: dict[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + facts["abstract"])
        client.send(b"abstract")


def tcp(facts: dict[str, Any]) -> None:
    with socket.create_connection(("127.0.0.1", facts["tcp"]), timeout=2) as client:
        client.send(b"tcp")


def udp(facts: dict[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"udp", ("127.0.0.1", facts["udp"]))


def system_v_memory(facts: dict[str, Any]) -> None:
    checked(libc.shmget(facts["key"], 4096, CREATE | 0o600))


def posix_memory(facts: dict[str, Any]) -> None:
    os.close(os.open(f"/dev/shm/{facts['name']}", os.O_CREAT | os.O_RDWR, 0o600))


def queue(facts: dict[str, Any]) -> None:
    checked(libc.mq_open(f"/{facts['name']}".encode(), QUEUE_CREATE, 0o600, None))


def key(facts: dict[str, Any]) -> None:
    number = ADD_KEY[os.uname().machine]
    checked(libc.syscall(number, b"user", facts["name"].encode(), b"x", ctypes.c_size_t(1), USER_KEYRING))


def end(facts: dict[str, Any]) -> None:
    os.kill(facts["victim"], signal.SIGUSR1)


def trace(facts: dict[str, Any]) -> None:
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    checked(libc.ptrace(TRACE_SEIZE, facts["victim"], None, None))


def environment(facts: dict[str, Any]) -> None:
    own = "\0".join(f"{name}={value}" for name, value in os.environ.items()).encode()
    others = b""
    for pid in ("self", str(os.getppid()), str(facts["harness"])):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
                others += file.read()
        except OSError:
            continue
    if facts["planted"].encode() not in own + others:
        raise OSError("nothing planted was seen")


def own_memory(facts: dict[str, Any]) -> None:  # noqa: ARG001
    data = ctypes.create_string_buffer(b"a")
    with open("/proc/self/mem", "r+b", buffering=0) as memory:  # noqa: PTH123
        memory.seek(ctypes.addressof(data))
        memory.write(b"b")


def survive(facts: dict[str, Any]) -> None:
    """Leave a process, in a session of its own, that writes a file later."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1)
            os.close(os.open(facts["late"], os.O_CREAT | os.O_WRONLY, 0o600))
        os._exit(0)
    raise OSError("to be seen later")


def new_repository(facts: dict[str, Any]) -> None:
    os.makedirs(f"{facts['root']}/new/.git/hooks")  # noqa: PTH103
    os.close(os.open(f"{facts['root']}/new/.git/config", os.O_CREAT | os.O_WRONLY))


def repository(facts: dict[str, Any]) -> None:
    with open(f"{facts['root']}/.git/config", "ab") as file:  # noqa: PTH123
        file.write(b"x")


def home(facts: dict[str, Any]) -> None:  # noqa: ARG001
    os.close(os.open(os.environ["HOME"] + "/.left", os.O_CREAT | os.O_WRONLY))


ATTEMPTS: dict[str, Attempt] = {
    "read": read,
    "write": write,
    "names": lambda facts: os.stat(facts["secret"]),  # noqa: PTH116
    "mode": chmod,
    "times": lambda facts: os.utime(facts["times"], (1, 1)),
    "attributes": lambda facts: os.setxattr(facts["attributes"], "user.planted", b"x"),
    "socket": unix_socket,
    "abstract": abstract_socket,
    "tcp": tcp,
    "udp": udp,
    "system_v": system_v_memory,
    "posix": posix_memory,
    "queue": queue,
    "keyring": key,
    "processes": lambda facts: os.stat(f"/proc/{facts['victim']}/cmdline"),  # noqa: PTH116
    "trace": trace,
    "signal": end,
    "own_memory": own_memory,
    "environment": environment,
    "cache": lambda facts: os.close(os.open(facts["cache"], os.O_CREAT | os.O_WRONLY, 0o600)),
    "repository": repository,
    "new_repository": new_repository,
    "home": home,
    "survive": survive,
}
"""By name, in the order in which they are tried."""


def main(facts: dict[str, Any]) -> None:
    worked: dict[str, bool] = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt(facts)
            worked[name] = True
        except (OSError, AttributeError, KeyError):
            worked[name] = False
    print(json.dumps(worked))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
