"""The API key, which comes from the environment and goes nowhere but to its server."""

import os

from harness.config import ConfigError


def api_key(variable: str) -> str:
    """The key held by an environment variable; empty if none is named."""
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigError(f"model.api_key_env={variable}: must be the name of an environment variable that is set")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"model.api_key_env={variable}: must hold a key of printable ASCII characters")
    return key


def refused(variable: str) -> str:
    """Return the advice for a server that refuses or wants a key from this environment variable."""
    if not variable:
        return "no key was sent: model.api_key_env names the environment variable that holds one"
    return f"the key that was sent is the one in model.api_key_env={variable}"


def authorization(key: str) -> dict[str, str]:
    """The header that carries the key, where there is one."""
    return {"Authorization": f"Bearer {key}"} if key else {}
