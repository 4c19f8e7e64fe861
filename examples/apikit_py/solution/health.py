"""The health of the server, over WSGI."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def create_app() -> WSGIApplication:
    """Return the application of /health."""
    return _health


def _health(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer every GET."""
    if environ["REQUEST_METHOD"] != "GET":
        start_response("405 Method Not Allowed", [("Allow", "GET")])
        return []
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"status":"ok"}']
