"""Requirements on values of the configuration, and the error for a bad one."""

from urllib.parse import urlsplit


class ConfigError(ValueError):
    """A bad value of the configuration. The text is one line: what, where, what is allowed."""


def is_url(text: str) -> bool:
    """Return True if a text is the URL of an HTTP server."""
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        return False


def require(allowed: bool, key: str, value: object, expected: str) -> None:
    """Raise ConfigError unless the value is allowed."""
    if not allowed:
        raise ConfigError(
            f"{key}={value}: must be {expected}" if value != "" else f"{key} is empty: must be {expected}"
        )
