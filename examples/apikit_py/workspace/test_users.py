import io
import json
from wsgiref.util import setup_testing_defaults

import pytest

import users

ADA = {"id": 1, "name": "Ada", "email": "ada@example.com"}
BOB = {"id": 2, "name": "Bob", "email": "bob@example.com"}


def do(app, method: str, path: str, body: str, status: int) -> str:
    """Send a request, check the status and the content type, and return the body."""
    data = body.encode()
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data)}
    setup_testing_defaults(environ)
    sent = []
    reply = b"".join(app(environ, lambda *head: sent.extend(head))).decode()
    assert int(sent[0][:3]) == status, f"{method} {path} {body}"
    if status not in (204, 405):
        kind = dict(sent[1]).get("Content-Type", "")
        assert kind.startswith("application/json"), f"{method} {path}"
    return reply.strip()


def fail(app, method: str, path: str, body: str, status: int) -> None:
    """Send a request that must be refused with the status and with a text under "error"."""
    reply = json.loads(do(app, method, path, body, status))
    text = reply["error"]
    assert isinstance(text, str), f"{method} {path}: {reply} does not name the error"
    assert text != "", f"{method} {path}: {reply} does not name the error"


def want(reply: str, expected: object) -> None:
    """Compare the JSON of a reply by value."""
    assert json.loads(reply) == expected


def seeded():
    """Return an application that knows Ada and Bob."""
    app = users.create_app()
    want(do(app, "POST", "/users", '{"name":"Ada","email":"ada@example.com"}', 201), ADA)
    want(do(app, "POST", "/users", '{"name":" Bob ","email":"bob@example.com"}', 201), BOB)
    return app


def test_create() -> None:
    seeded()
    app = users.create_app()
    reply = do(app, "POST", "/users", '{"id":9,"name":"Cy","email":"c@d"}', 201)
    want(reply, {"id": 1, "name": "Cy", "email": "c@d"})


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '"Ada"',
        '{"name":7,"email":"a@b"}',
        '{"name":"Ada","email":true}',
        "{}",
        '{"email":"a@b"}',
        '{"name":"  ","email":"a@b"}',
        '{"name":"Ada"}',
        '{"name":"Ada","email":"ada"}',
    ],
)
def test_create_invalid(body: str) -> None:
    app = users.create_app()
    fail(app, "POST", "/users", body, 400)
    want(do(app, "GET", "/users", "", 200), [])
    want(do(app, "POST", "/users", '{"name":"Ada","email":"ada@example.com"}', 201), ADA)


def test_create_conflict() -> None:
    app = seeded()
    fail(app, "POST", "/users", '{"name":"Eve","email":"ada@example.com"}', 409)
    fail(app, "POST", "/users", json.dumps(ADA), 409)
    want(do(app, "GET", "/users", "", 200), [ADA, BOB])
    reply = do(app, "POST", "/users", '{"name":"Ada","email":"ada@example.org"}', 201)
    want(reply, {"id": 3, "name": "Ada", "email": "ada@example.org"})


def test_list() -> None:
    want(do(users.create_app(), "GET", "/users", "", 200), [])
    want(do(seeded(), "GET", "/users", "", 200), [ADA, BOB])
    want(do(users.create_app(), "GET", "/users", "", 200), [])


def test_get() -> None:
    app = seeded()
    want(do(app, "GET", "/users/2", "", 200), BOB)
    want(do(app, "GET", "/users/1", "", 200), ADA)


@pytest.mark.parametrize("name", ["3", "0", "-1", "ada", "1x"])
def test_unknown(name: str) -> None:
    app = seeded()
    fail(app, "GET", f"/users/{name}", "", 404)
    fail(app, "DELETE", f"/users/{name}", "", 404)


def test_delete() -> None:
    app = seeded()
    assert do(app, "DELETE", "/users/1", "", 204) == ""
    fail(app, "GET", "/users/1", "", 404)
    fail(app, "DELETE", "/users/1", "", 404)
    want(do(app, "GET", "/users", "", 200), [BOB])


def test_deleted_stays_gone() -> None:
    app = seeded()
    do(app, "DELETE", "/users/2", "", 204)
    reply = do(app, "POST", "/users", '{"name":"Bob","email":"bob@example.com"}', 201)
    want(reply, {"id": 3, "name": "Bob", "email": "bob@example.com"})
    fail(app, "GET", "/users/2", "", 404)
    want(do(app, "GET", "/users/3", "", 200), {"id": 3, "name": "Bob", "email": "bob@example.com"})


def test_methods() -> None:
    app = seeded()
    for method in ["PUT", "PATCH", "DELETE"]:
        do(app, method, "/users", json.dumps(ADA), 405)
    for method in ["POST", "PUT", "PATCH"]:
        do(app, method, "/users/1", json.dumps(ADA), 405)
