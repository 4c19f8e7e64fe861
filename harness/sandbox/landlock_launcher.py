"""Lays Landlock's rules on itself, leaves the network, and becomes the command. Run as a script, not imported.

    python -I -S landlock_launcher.py r/usr w/work/folder -- command argument…

A path after `r` may be read and executed, one after `w` also written; a number after `n` bounds the processes. It
imports next to nothing, because it runs before every command.
"""

import ctypes
import fcntl
import os
import resource
import socket
import struct
import sys
from typing import NoReturn

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_QUERY, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1
RIGHTS_SINCE = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Number of rights on files that each version of the interface knows."""
NEW_USER, NEW_NET = 0x10000000, 0x40000000
NO_NEW_PRIVS, PARENT_DEATH_SIGNAL = 38, 1
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SET_FLAGS, UP = 0x8914, 1

libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> NoReturn:
    rules, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    _leave_network()
    libc.prctl(PARENT_DEATH_SIGNAL, 9, 0, 0, 0)
    _restrict(rules)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        _fail(f"{command[0]}: {error.strerror}")


def _leave_network() -> None:
    """Take a network of one's own, with nothing in it but the way to oneself."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_USER | NEW_NET) != 0:
        _fail(f"no network of its own: {os.strerror(ctypes.get_errno())}")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh", b"lo", UP))


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
            continue
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


def _fail(why: str) -> NoReturn:
    os.write(2, f"landlock: {why}\n".encode())
    os._exit(97)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        _fail(str(error))
