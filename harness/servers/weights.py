"""Files of weights: their format, and the hash of their content."""

import hashlib
import json
import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from harness.config import ConfigError, RunConfig
from harness.sandbox.environment import cache_folder

GGUF = b"GGUF"
"""The first bytes of a GGUF file."""

PATHS = ("/", "./", "../", "~")
"""Prefixes of a path; any other text may be a name that the server knows."""


def check_weights(configs: Iterable[RunConfig]) -> None:
    """Raise ConfigError, in one line, for a path of weights that a managed server cannot load."""
    for config in {_weights_key(config): config for config in configs if config.server.managed}.values():
        _check(config)


def _weights_key(config: RunConfig) -> tuple[str, str]:
    return config.model.path, config.server.command


def _check(config: RunConfig) -> None:
    path = Path(config.model.path)
    wants_gguf = "llama-server" in {Path(word).name for word in shlex.split(config.server.command)}
    label = f" (model.variant={config.model.variant})" if config.model.variant else ""
    what = f"model.path={config.model.path}{label}"
    if not path.exists():
        if config.model.path.startswith(PATHS) or path.suffix == ".gguf":
            raise ConfigError(f"{what}: there is no such file")
        return
    if path.is_dir() or not (wants_gguf or path.suffix == ".gguf"):
        return
    try:
        with path.open("rb") as file:
            begin = file.read(len(GGUF))
    except OSError as error:
        raise ConfigError(f"{what}: cannot be read: {error.strerror}") from error
    if begin != GGUF:
        raise ConfigError(f"{what}: is no GGUF file: it does not begin with GGUF")


def weights_sha256(path: str) -> str | None:
    """Return the SHA-256 of a file of weights; None where there is no such file here.

    The hash is cached, with the size and the modification time of the file as its key.
    """
    file = Path(path)
    try:
        if not path or not file.is_file():
            return None
        stat = file.stat()
        known = [str(file.resolve()), stat.st_size, stat.st_mtime_ns]
        if (cached := _cached(known)) is not None:
            return cached
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None
    _keep(known, digest)
    return digest


def _cache(known: list[object]) -> Path:
    return cache_folder() / "weights" / hashlib.sha256(str(known[0]).encode()).hexdigest()[:32]


def _cached(known: list[object]) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError, RuntimeError):
        entry = json.loads(_cache(known).read_text(encoding="utf-8"))
        if entry["file"] == known:
            return str(entry["sha256"])
    return None


def _keep(known: list[object], digest: str) -> None:
    # If the cache cannot be written, the file is hashed again the next time.
    with suppress(OSError, RuntimeError):
        place = _cache(known)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({"file": known, "sha256": digest}), encoding="utf-8")
        part.replace(place)
