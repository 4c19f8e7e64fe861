"""Copies itself for each command; the copy takes namespaces of its own, lays Landlock's rules on itself, and becomes
the command. A script, not imported.

    python -I -S landlock_launcher.py --serve DESCRIPTOR PARENT

It answers the requests of `fork_server.py` at a socket, until that is closed. Rules look like r/usr, w/work/folder,
p/work/folder/.git and n512: a path after `r` may be read and executed, one after `w` also written, one after `p` inside
a writable one only read; a number after `n` bounds the processes.

Landlock knows nothing of sockets with a path, of modes, owners and times of files, or of shared memory. So the command
also sees a root of its own: what may be read is mounted read-only there, and nothing else has a name.
"""

import array
import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys
import warnings  # noqa: F401 - what searches for a command imports it, where no file of the library is in sight

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_QUERY, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1
RIGHTS_SINCE = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Number of rights on files that each version of the interface knows."""
NEW_USER, NEW_NET, NEW_MOUNTS, NEW_IPC = 0x10000000, 0x40000000, 0x20000, 0x8000000
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
PIVOT_ROOT = {"x86_64": 155}
"""Every other machine that Go and Landlock are for has the number 41."""
CLONE, RECURSIVE, CLOSE_ON_EXEC, EMPTY_PATH, FROM_EMPTY_PATH = 0x1, 0x8000, 0x80000, 0x1000, 0x4
HERE, PRIVATE, NO_SET_ID, NO_DEVICES, DETACH = -100, 0x44000, 0x2, 0x4, 2
READ_ONLY = struct.pack("QQQQ", 1, 0, 0, 0)
DROP_BOUND, SET_SECURE_BITS, NO_ROOT_LOCKED = 24, 28, 0x3
NO_CAPABILITIES = struct.pack("Ii", 0x20080522, 0), bytes(24)
STAGE = "/tmp"
NO_NEW_PRIVS, PARENT_DEATH_SIGNAL = 38, 1
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SET_FLAGS, UP = 0x8914, 1

HEADER = struct.Struct("=I")
CALL_CLONE = {"x86_64": 56}
"""Every other machine that Go and Landlock are for has the number 220."""
SAME_PARENT = 0x8000
FIRST_FREE = 3
"""Lowest descriptor after the three of every program."""

TYPE_CHECKING = False  # `typing` would be a third of the start
if TYPE_CHECKING:
    from typing import Any, NoReturn

libc = ctypes.CDLL(None, use_errno=True)
holding = ctypes.PyDLL(None)
"""The same library; a call through it keeps the interpreter to itself."""


def serve(descriptor: int, parent: int) -> None:
    """Start a process for each request, until the other end of the socket is closed."""
    number = CALL_CLONE.get(os.uname().machine, 220)
    with socket.socket(fileno=descriptor) as requests:
        while request := _received(requests):
            plain, outputs = request
            # The copy is a child of our parent, which waits for it as for one of its own.
            pid = holding.syscall(number, SAME_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
            if pid == 0:
                _become(plain, outputs, parent)
            for output in outputs:
                os.close(output)
            if pid < 0:
                return
            requests.sendall(HEADER.pack(pid))


def _received(requests: socket.socket) -> "tuple[Any, list[int]] | None":
    """The next request, and the descriptors that came with it; None at the end."""
    room = socket.CMSG_SPACE(2 * array.array("i").itemsize)
    header, rights, _, _ = requests.recvmsg(HEADER.size, room, socket.MSG_CMSG_CLOEXEC)
    if len(header) < HEADER.size:
        return None
    outputs = array.array("i")
    for _, _, content in rights:
        outputs.frombytes(content)
    (size,) = HEADER.unpack(header)
    text = requests.recv(size, socket.MSG_WAITALL)
    return (json.loads(text), list(outputs)) if len(text) == size else None


def _become(request: "Any", outputs: list[int], parent: int) -> "NoReturn":
    """Become the command, whatever comes; the caller's code goes on in the original only."""
    try:
        os.setsid()
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(outputs[0], 1)
        os.dup2(outputs[1], 2)
        os.closerange(FIRST_FREE, max(FIRST_FREE + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.umask(0o022)
        os.chdir(request["cwd"])
        for group in request["groups"]:
            _enter(group)
        for number, value in request["bounds"]:
            _bound(number, value)
        confine(request["rules"])
        libc.prctl(PARENT_DEATH_SIGNAL, 9, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(97)
        command = request["command"]
        try:
            os.execvpe(command[0], command, request["env"])
        except OSError as error:
            _fail(f"{command[0]}: {error.strerror}")
    except BaseException as error:
        _fail(str(error))


def _enter(group: str) -> None:
    with contextlib.suppress(OSError):  # as where no group can be made
        _write(group, str(os.getpid()))


def _bound(number: int, value: int) -> None:
    """Set a limit; one that the system refuses is passed over."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(number, (value, value))


def confine(rules: list[str]) -> None:
    """Take what the rules say away from this process, for good."""
    cwd = os.getcwd()  # noqa: PTH109
    _leave()
    _seclude(rules)
    os.chdir(cwd)
    _restrict(rules)
    _drop_capabilities()


def _leave() -> None:
    """Take a network of one's own, with nothing in it but the way to oneself, and mounts and shared memory too."""
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(NEW_USER | NEW_NET | NEW_MOUNTS | NEW_IPC), "no namespaces of its own")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh", b"lo", UP))


def _seclude(rules: list[str]) -> None:
    """Take a root of one's own, in which nothing has a name but what the rules say."""
    paths = [(rule[1:], rule[0]) for rule in rules if rule[0] != "n"] + [(device, "w") for device in DEVICES]
    links = {path: os.readlink(path) for path, _ in paths if os.path.islink(path)}  # noqa: PTH114, PTH115
    _check(libc.mount(b"none", b"/", None, PRIVATE, None), "mounts are shared")
    # Those inside another come after it.
    trees = [(path, _tree(path, kind)) for path, kind in sorted(paths) if path not in links]
    options = NO_SET_ID | NO_DEVICES
    _check(libc.mount(b"tmpfs", STAGE.encode(), b"tmpfs", options, b"mode=755,size=1m"), "no root of its own")
    for path, tree in trees:
        target = STAGE + path
        if not os.path.lexists(target):
            _make(target, stat.S_ISDIR(os.fstat(tree).st_mode))
        _check(libc.syscall(MOVE_MOUNT, tree, b"", HERE, os.fsencode(target), FROM_EMPTY_PATH), f"no mount of {path}")
        os.close(tree)
    for path, target in links.items():
        os.makedirs(os.path.dirname(STAGE + path), exist_ok=True)  # noqa: PTH103, PTH120
        os.symlink(target, STAGE + path)  # noqa: PTH211
    os.chdir(STAGE)
    _check(libc.syscall(PIVOT_ROOT.get(os.uname().machine, 41), b".", b"."), "no change of root")
    _check(libc.umount2(b".", DETACH), "the old root stays")
    _set_read_only(HERE, b"/", 0)


def _tree(path: str, kind: str) -> int:
    """A mount of the path by itself, read-only unless it may be written."""
    flags = CLONE | RECURSIVE | CLOSE_ON_EXEC
    tree: int = libc.syscall(OPEN_TREE, HERE, os.fsencode(path), flags)
    _check(tree, f"no view of {path}")
    if kind != "w":
        _set_read_only(tree, b"", EMPTY_PATH | RECURSIVE)
    return tree


def _set_read_only(where: int, path: bytes, flags: int) -> None:
    done = libc.syscall(MOUNT_SETATTR, where, path, flags, READ_ONLY, ctypes.c_size_t(len(READ_ONLY)))
    _check(done, "nothing can be made read-only")


def _make(path: str, folder: bool) -> None:
    os.makedirs(path if folder else os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    if not folder:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _drop_capabilities() -> None:
    """Be an ordinary user even where the namespace calls one root, so that no mount is undone."""
    libc.prctl(SET_SECURE_BITS, NO_ROOT_LOCKED, 0, 0, 0)
    for capability in range(64):
        if libc.prctl(DROP_BOUND, capability, 0, 0, 0) != 0:
            break
    _check(libc.capset(*NO_CAPABILITIES), "capabilities stay")


def _check(result: int, complaint: str) -> None:
    if result < 0:
        _fail(f"{complaint}: {os.strerror(ctypes.get_errno())}")


def _restrict(rules: list[str]) -> None:
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_QUERY)
    if version < 1:
        _fail("this kernel has no Landlock, or it is switched off")
    handled = (1 << RIGHTS_SINCE.get(version, 16)) - 1
    scoped = ABSTRACT_SOCKETS | SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, 0, scoped)[: 24 if version >= 6 else 8]
    ruleset = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        _fail(f"no ruleset: {os.strerror(ctypes.get_errno())}")
    for rule in rules:
        if rule[0] == "n":
            # In a user namespace of one's own, this counts nobody else's.
            resource.setrlimit(resource.RLIMIT_NPROC, (int(rule[1:]), int(rule[1:])))
        elif rule[0] != "p":
            _allow(ruleset, rule[1:], handled if rule[0] == "w" else READ)
    for device in DEVICES:
        _allow(ruleset, device, READ_FILE | WRITE_FILE)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.syscall(RESTRICT_SELF, ruleset, 0) != 0:
        _fail(f"not restricted: {os.strerror(ctypes.get_errno())}")
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib costs more than all the rest
        rights &= OF_FILES
    rule = struct.pack("=Qi", rights, target)
    if libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) != 0:
        _fail(f"no rule for {path}: {os.strerror(ctypes.get_errno())}")
    os.close(target)


def _write(path: str, text: str) -> None:
    target = os.open(path, os.O_WRONLY)
    os.write(target, text.encode())
    os.close(target)


def _fail(why: str) -> "NoReturn":
    os.write(2, f"landlock: {why}\n".encode())
    os._exit(97)


if __name__ == "__main__":
    serve(int(sys.argv[2]), int(sys.argv[3]))
