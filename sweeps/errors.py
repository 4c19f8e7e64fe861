"""Errors of a command line, in one line: the key, the value, and what is allowed."""

import re

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationResolutionError,
    OmegaConfBaseException,
    ValidationError,
)
from yaml import YAMLError

from harness.command_line import typed
from harness.config import ConfigError
from sweeps.schema import leaves, type_name, unknown_key

USAGE_ERRORS = (ConfigError, HydraException, OmegaConfBaseException, YAMLError)
"""Errors that the user can correct; everything else is a fault of ours or of the machine."""


def one_line(error: Exception) -> str:
    """The error in one line."""
    if isinstance(error, ConfigError):
        return str(error)
    cause = error.__cause__
    if isinstance(error, OverrideParseException):
        return f"{error.override}: must be of the form key=value"
    if isinstance(error, MissingConfigException) and error.options and error.missing_cfg_file:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        return f"{group}={choice}: must be one of {', '.join(error.options)}"
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return unknown_key(cause.full_key)
    if isinstance(cause, ValidationError) and cause.full_key:
        return _wrong_value(_override(str(error)) or cause.full_key, cause.full_key, str(cause))
    if isinstance(error, InterpolationResolutionError):
        return f"{_first_line(str(error))}: ${{…}} stands for the value of another key; \\${{…}} is just this text"
    return _several_values(str(error)) or _no_choice(str(error)) or _first_line(str(error) or str(cause))


def _wrong_value(what: str, key: str, reason: str) -> str:
    known = leaves()
    inner = [name for name in known if name.startswith(f"{key}.")]
    if inner:
        return f"{what}: set its keys one by one: {', '.join(inner)}"
    return f"{what}: must be {type_name(known[key])}" if key in known else f"{what}: {_first_line(reason)}"


def _override(message: str) -> str | None:
    match = re.match(r"Error merging override (.+)", message)
    return match[1] if match else None


def _several_values(message: str) -> str | None:
    match = re.match(r"(?:Ambiguous value for argument|Sweep parameters) '(.+?)'(?: requires|$)", message, re.M)
    if not match:
        return None
    key, _, value = match[1].partition("=")
    one_value = f"; as one value, type {typed(key, value)}" if leaves().get(key) is str else ""
    return f"{match[1]}: several values make a sweep, which needs -m{one_value}"


def _no_choice(message: str) -> str | None:
    match = re.match(r"Could not (?:override|append|delete) '(.*?)'", message)
    return unknown_key(match[1]) if match else None


def _first_line(message: str) -> str:
    return next((line.strip() for line in message.splitlines() if line.strip()), "unknown error")
