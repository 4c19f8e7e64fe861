"""Sockets that know the time limits of the call they serve.

The limits of the HTTP library start anew with every byte that comes, so that a server which sends a comment now
and then would never meet one.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from harness.llm.limits import CallLimits


class TimedTransport(httpx.HTTPTransport):
    """The library's transport, whose every wait ends with the limits of the call under way, if there is one."""

    def __init__(self, *, verify: bool) -> None:
        """With `verify` the certificates trusted are those of SSL_CERT_FILE or SSL_CERT_DIR, else the public ones.

        Raises OSError (ssl.SSLError among them) for an SSL_CERT_FILE that cannot be read.
        """
        context = httpx.create_ssl_context(verify=verify, trust_env=verify)
        super().__init__(verify=context)
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=self._backend)

    def limit(self, limits: CallLimits | None) -> None:
        """From now on these limits hold; None: those of the library alone."""
        self._backend.limits = limits


class _Backend(httpcore.SyncBackend):
    def __init__(self) -> None:
        self.limits: CallLimits | None = None

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
        """Seconds for which a socket may wait. Raises the fault where there are none left."""
        if self.limits is None:
            return timeout
        seconds = self.limits.left(timeout)
        if seconds == 0:
            raise fault
        return seconds


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout, httpcore.ReadTimeout))

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
