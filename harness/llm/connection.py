"""The way to a server, and whether there is anyone at its end."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

import httpx

from harness.config import ConfigError
from harness.llm.errors import ModelError
from harness.llm.limits import CallLimits
from harness.llm.text import one_line
from harness.llm.wired import TimedTransport

GRACE = 0.25
"""Seconds allowed for the end of a body whose reply is already whole."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def transport(endpoint: str) -> TimedTransport:
    """The transport to one server. Raises ConfigError if the endpoint names none."""
    if not host_of(endpoint):
        raise ConfigError(f"model.endpoint={endpoint}: must be a URL with a host, such as http://localhost:1234/v1")
    try:
        # Loading the certificates takes 40 ms of every run, and plain HTTP has no use for them.
        return TimedTransport(verify=endpoint.startswith("https://"))
    except OSError as error:
        trusted = os.environ.get("SSL_CERT_FILE", "")
        raise ConfigError(
            f"SSL_CERT_FILE={trusted}: must be a file of PEM certificates ({error.strerror or error})"
        ) from None


def connect(way: httpx.BaseTransport, timeout: httpx.Timeout, headers: Mapping[str, str] = NO_HEADERS) -> httpx.Client:
    """A client for one server, its connections kept alive.

    Proxies of the environment are ignored: one meant for the web must not come between the harness and a server on
    this machine, nor see its prompts. Redirects are not followed, which would carry the key elsewhere.
    """
    return httpx.Client(
        timeout=timeout,
        headers={"Accept-Encoding": "identity", **headers},
        transport=way,
        trust_env=False,
        follow_redirects=False,
    )


def run_out(chunks: Iterator[bytes], limits: CallLimits) -> None:
    """Read what follows a reply that is whole, so that its connection can serve the next call.

    That is nothing but the end of the body, unless the server holds the connection open: then it is left.
    """
    limits.farewell(GRACE)
    with suppress(httpx.TransportError, ModelError):
        for _ in chunks:
            pass


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


LOADING = "HTTP 503"
"""End of the reason if a server answers that it is not ready."""

LISTING_TIMEOUT = 30.0
"""Seconds allowed for the list of models where it tells whether a server is there: proxies that have just been started
take longer than other places may."""


def reachable(endpoint: str, timeout: float, *, ready: bool = False) -> str | None:
    """None if a server answers there, with any status at all; else the reason in one line.

    `timeout` is in seconds and limits the opening of a connection; an answer may take LISTING_TIMEOUT where that is
    longer. With `ready`, one that says 503, as servers do while they load a model, is not there yet. One that takes
    the request and then fails over it is there, too: some cannot list their models.
    """
    url = endpoint.rstrip("/") + "/models"
    limits = httpx.Timeout(max(timeout, LISTING_TIMEOUT), connect=timeout)
    try:
        with connect(transport(endpoint), limits) as http, http.stream("GET", url) as answer:
            loading = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            return f"GET {shown(url)}: {LOADING}" if ready and loading else None
    except httpx.RemoteProtocolError:
        return None
    except httpx.HTTPError as fault:
        return one_line(f"GET {shown(url)}: {named(fault)}")


def named(fault: Exception) -> str:
    """A fault of the connection in words: its kind, and its text where it has one."""
    text = str(fault)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        text += " (SSL_CERT_FILE may name a file of the certificates to trust)"
    return f"{type(fault).__name__}: {text}" if text else type(fault).__name__
