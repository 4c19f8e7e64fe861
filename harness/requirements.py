"""What a value of the configuration must be, and the error that says so."""

from urllib.parse import urlsplit


class ConfigError(ValueError):
    """A value that no run can be made of; its text is one line: what, where, what is allowed."""


def is_url(text: str) -> bool:
    """Whether a text names a server to speak HTTP with."""
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        return False


def require(allowed: bool, key: str, value: object, expected: str) -> None:
    """Raises ConfigError unless the value is allowed."""
    if not allowed:
        raise ConfigError(
            f"{key}={value}: must be {expected}" if value != "" else f"{key} is empty: must be {expected}"
        )
