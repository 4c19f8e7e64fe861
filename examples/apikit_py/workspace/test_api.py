import io
import json
from wsgiref.util import setup_testing_defaults

import pytest

import api

NOT_FOUND = {"error": "not found"}


def call(app, method: str, path: str, body: str, status: int, expected: object = None) -> None:
    """Send a request and check the status and, unless nothing is expected, the JSON of the body."""
    data = body.encode()
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data)}
    setup_testing_defaults(environ)
    sent = []
    reply = b"".join(app(environ, lambda *head: sent.extend(head))).decode()
    assert int(sent[0][:3]) == status, f"{method} {path}"
    if expected is not None:
        assert json.loads(reply) == expected, f"{method} {path}"
        assert dict(sent[1])["Content-Type"].startswith("application/json")


def test_mounted() -> None:
    app = api.create_app()
    call(app, "GET", "/health", "", 200, {"status": "ok"})
    call(app, "POST", "/users", '{"name":"Ada","email":"a@b"}', 201)
    call(app, "POST", "/tasks", '{"title":"wash"}', 201)
    call(app, "POST", "/notes", '{"title":"Milk"}', 201)
    for path in ["/users/1", "/tasks/1", "/notes/1"]:
        call(app, "GET", path, "", 200)
        call(app, "DELETE", path, "", 204)
        call(app, "GET", path, "", 404)


def test_status() -> None:
    app = api.create_app()
    call(app, "POST", "/users", '{"name":"Ada","email":"a@b"}', 201)
    call(app, "POST", "/users", '{"name":"Bob","email":"a@b"}', 409)
    call(app, "POST", "/tasks", "{}", 400)
    call(app, "DELETE", "/health", "", 405)
    call(app, "DELETE", "/notes", "", 405)


@pytest.mark.parametrize("path", ["/", "/nope", "/nope/1", "/userss", "/api/users"])
def test_not_found(path: str) -> None:
    call(api.create_app(), "GET", path, "", 404, NOT_FOUND)
    call(api.create_app(), "POST", path, "{}", 404, NOT_FOUND)


def test_own_store() -> None:
    a, b = api.create_app(), api.create_app()
    call(a, "POST", "/tasks", '{"title":"wash"}', 201)
    call(b, "GET", "/tasks", "", 200, [])
    call(b, "GET", "/tasks/1", "", 404)
