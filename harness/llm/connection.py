"""The way to a server, and whether there is anyone at its end."""

from collections.abc import Mapping
from types import MappingProxyType

import httpx

from harness.config import ConfigError
from harness.llm.text import one_line

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def connect(endpoint: str, timeout: httpx.Timeout, headers: Mapping[str, str] = NO_HEADERS) -> httpx.Client:
    """A client for one server, its connections kept alive.

    The environment is not asked: a proxy meant for the web must not come between the harness and a server on
    this machine, nor see its prompts. Redirects are not followed, which would carry the key elsewhere.
    """
    if not host_of(endpoint):
        raise ConfigError(f"model.endpoint={endpoint}: must be a URL with a host, such as http://localhost:1234/v1")
    return httpx.Client(
        timeout=timeout,
        headers={"Accept-Encoding": "identity", **headers},
        # Loading the certificates takes 40 ms of every run, and plain HTTP has no use for them.
        verify=endpoint.startswith("https://"),
        trust_env=False,
        follow_redirects=False,
    )


def host_of(endpoint: str) -> str:
    """The host that a URL names; empty if it names none or is no URL."""
    try:
        return httpx.URL(endpoint).host
    except httpx.InvalidURL:
        return ""


def shown(endpoint: str) -> str:
    """The URL as it may be printed: without a user name and password."""
    url = httpx.URL(endpoint)
    return str(url.copy_with(userinfo=b"")) if url.userinfo else endpoint


def reachable(endpoint: str, timeout: float) -> str | None:
    """None if a server answers there, with any status at all; else the reason in one line."""
    url = endpoint.rstrip("/") + "/models"
    try:
        with connect(endpoint, httpx.Timeout(timeout)) as http, http.stream("GET", url):
            return None
    except httpx.HTTPError as fault:
        return one_line(f"GET {shown(url)}: {named(fault)}")


def named(fault: Exception) -> str:
    """A fault of the connection in words: its kind, and its text where it has one."""
    text = str(fault)
    return f"{type(fault).__name__}: {text}" if text else type(fault).__name__
