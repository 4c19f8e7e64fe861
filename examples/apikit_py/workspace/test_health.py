import json
from wsgiref.util import setup_testing_defaults

import pytest

import health


def call(method: str, path: str) -> tuple[int, str, str]:
    """Send a request to a new application; return the status, the content type and the body."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    setup_testing_defaults(environ)
    sent = []
    body = b"".join(health.create_app()(environ, lambda *head: sent.extend(head)))
    return int(sent[0][:3]), dict(sent[1]).get("Content-Type", ""), body.decode()


def test_health() -> None:
    status, kind, body = call("GET", "/health")
    assert status == 200
    assert kind.startswith("application/json")
    assert json.loads(body) == {"status": "ok"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_health_method(method: str) -> None:
    status, _, _ = call(method, "/health")
    assert status == 405
