"""Connections to a server: key, transport with time limits, and a check that it can be reached."""

import os
import select
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

import httpcore
import httpx

from harness.config import ConfigError
from harness.llm.errors import KeyRefused, ModelError
from harness.llm.limits import CallLimits
from harness.llm.text import one_line


def api_key(variable: str) -> str:
    """Return the key in an environment variable; empty if none is named. Raises ConfigError for an unusable key."""
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigError(f"model.api_key_env={variable}: must be the name of an environment variable that is set")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"model.api_key_env={variable}: must hold a key of printable ASCII characters")
    return key


def refused(variable: str) -> str:
    """Return the advice for a server that refuses the key of this environment variable, or needs one."""
    if not variable:
        return "no key was sent: model.api_key_env names the environment variable that holds one"
    return f"the key that was sent is the one in model.api_key_env={variable}"


def authorization(key: str) -> dict[str, str]:
    """Return the header with the key; empty without a key."""
    return {"Authorization": f"Bearer {key}"} if key else {}


class TimedTransport(httpx.HTTPTransport):
    """HTTP transport whose waits all end with the limits of the current call."""

    def __init__(self, *, verify: bool) -> None:
        """With `verify` the certificates trusted are those of SSL_CERT_FILE or SSL_CERT_DIR, else the public ones.

        Raises OSError (ssl.SSLError among them) for an SSL_CERT_FILE that cannot be read.
        """
        context = httpx.create_ssl_context(verify=verify, trust_env=verify)
        super().__init__(verify=context)
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=self._backend)

    def limit(self, limits: CallLimits | None) -> None:
        """Set the limits of the current call; None leaves the timeouts of the library alone."""
        self._backend.limits = limits

    def watch(self, peer: socket.socket | None) -> None:
        """End the waits of the current call once `peer`, on whose behalf it is made, closes its connection."""
        self._backend.peer = peer


class _Backend(httpcore.SyncBackend):
    def __init__(self) -> None:
        self.limits: CallLimits | None = None
        self.peer: socket.socket | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self.left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, seconds, local_address, socket_options), self)

    def left(self, timeout: float | None, fault: type[Exception]) -> float | None:
        """Return the seconds that a socket may wait. Raises the fault if none are left."""
        if self.limits is None:
            return timeout
        seconds = self.limits.left(timeout)
        if seconds == 0:
            raise fault
        return seconds


class PeerClosed(httpcore.ReadError):
    """Whoever a call was made for closed its connection. It is the cause of the ReadError that httpx raises."""


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        seconds = self._backend.left(timeout, httpcore.ReadTimeout)
        if self._backend.peer is not None:
            _await_either(self.get_extra_info("socket"), self._backend.peer, seconds)
        return self._stream.read(max_bytes, seconds)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._backend.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _await_either(source: Any, peer: socket.socket, seconds: float | None) -> None:
    """Wait until `source` can be read. Raises PeerClosed once the peer has closed its connection."""
    if isinstance(source, ssl.SSLSocket) and source.pending():
        return
    poll = select.poll()
    poll.register(source, select.POLLIN)
    poll.register(peer, select.POLLIN)
    ready = dict(poll.poll(None if seconds is None else seconds * 1000))
    if source.fileno() in ready or peer.fileno() not in ready:
        return
    try:
        closed = not peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        closed = False
    except OSError:
        closed = True
    if closed:
        raise PeerClosed("the peer closed its connection")


END_OF_BODY = 0.25
"""Seconds allowed for the end of a body whose reply is already whole."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def transport(endpoint: str) -> TimedTransport:
    """Return the transport to one server. Raises ConfigError for an endpoint without a host."""
    if not host_of(endpoint):
        raise ConfigError(f"model.endpoint={endpoint}: must be a URL with a host, such as http://localhost:1234/v1")
    try:
        # Loading the certificates takes 40 ms, and plain HTTP does not need them.
        return TimedTransport(verify=endpoint.startswith("https://"))
    except OSError as error:
        trusted = os.environ.get("SSL_CERT_FILE", "")
        raise ConfigError(
            f"SSL_CERT_FILE={trusted}: must be a file of PEM certificates ({error.strerror or error})"
        ) from None


def connect(way: httpx.BaseTransport, timeout: httpx.Timeout, headers: Mapping[str, str] = NO_HEADERS) -> httpx.Client:
    """Return a client for one server that keeps its connections alive.

    Proxies of the environment are ignored: a web proxy must not see the prompts for a server on this machine.
    Redirects are not followed, because they would send the key elsewhere.
    """
    return httpx.Client(
        timeout=timeout,
        headers={"Accept-Encoding": "identity", **headers},
        transport=way,
        trust_env=False,
        follow_redirects=False,
    )


class Posts:
    """Posts bodies to one address with the headers, cookies and timeouts of a client, straight to its transport.

    What the client would do beside that is of no use there: redirects are not followed, and no other address is asked.
    """

    def __init__(self, http: httpx.Client, way: httpx.BaseTransport, url: httpx.URL) -> None:
        first = http.build_request("POST", url)
        if url.username or url.password:
            next(httpx.BasicAuth(url.username, url.password).auth_flow(first))
        self._headers = [one for one in first.headers.raw if one[0].lower() not in (b"host", b"content-length")]
        self._extensions = dict(first.extensions)
        self._url, self._way, self._cookies = url, way, http.cookies

    @contextmanager
    def send(self, body: bytes) -> Iterator[httpx.Response]:
        """Yield the response, whose body is still to be read. Raises httpx.RequestError."""
        request = httpx.Request("POST", self._url, headers=self._headers, content=body, extensions=self._extensions)
        if self._cookies:
            self._cookies.set_cookie_header(request)
        response = self._way.handle_request(request)
        try:
            response.request = request
            if "set-cookie" in response.headers:
                self._cookies.extract_cookies(response)
            yield response
        finally:
            response.close()


def run_out(chunks: Iterator[bytes], limits: CallLimits) -> None:
    """Read the end of the body after a whole reply, so that the connection can be used again.

    A connection that the server keeps open is given up after END_OF_BODY seconds.
    """
    limits.end_of_reply(END_OF_BODY)
    with suppress(httpx.TransportError, ModelError):
        for _ in chunks:
            pass


def host_of(endpoint: str) -> str:
    """Return the host of a URL; empty if it has none or is no URL."""
    try:
        return httpx.URL(endpoint).host
    except httpx.InvalidURL:
        return ""


def shown(endpoint: str) -> str:
    """Return the URL without user name and password, for printing."""
    url = httpx.URL(endpoint)
    return str(url.copy_with(userinfo=b"")) if url.userinfo else endpoint


def fault_line(fault: ModelError, url: str, key: str, key_variable: str) -> str:
    """Return the error of a POST in one line. The key is removed first, because clipping could cut it in two."""
    what, detail = (text.replace(key, "…") if key else text for text in (fault.what, fault.detail))
    line = ": ".join(part for part in (f"POST {shown(url)}", one_line(what), one_line(detail)) if part)
    return f"{line} ({refused(key_variable)})" if isinstance(fault, KeyRefused) else line


LOADING = "HTTP 503"
"""End of the reason for a server that answers that it is not ready."""

LISTING_TIMEOUT = 30.0
"""Seconds allowed for the list of models in a check that a server can be reached, because proxies are slow at first."""


def reachable(endpoint: str, timeout: float, *, ready: bool = False) -> str | None:
    """Return None if a server answers, with any status; else the reason in one line.

    `timeout` is in seconds and limits the opening of a connection; an answer may take LISTING_TIMEOUT if that is
    longer. With `ready` a server that answers 503, as servers do while they load a model, counts as unreachable. A
    server that takes the request and drops the connection is reachable: some cannot list their models.
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
    """Return the text of a connection error: its class, and its message if it has one."""
    text = str(fault)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        text += " (SSL_CERT_FILE may name a file of the certificates to trust)"
    return f"{type(fault).__name__}: {text}" if text else type(fault).__name__
