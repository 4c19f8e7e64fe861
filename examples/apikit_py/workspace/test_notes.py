import io
import json
from wsgiref.util import setup_testing_defaults

import notes

FIRST = {"id": 1, "title": "Milk", "body": "two litres"}
SECOND = {"id": 2, "title": "Call home", "body": ""}


def call(app, method: str, path: str, body: str, status: int, expected: object = None) -> None:
    """Send a request and check the status and the JSON of the body: what is expected, or an error's text."""
    data = body.encode()
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data)}
    setup_testing_defaults(environ)
    sent = []
    text = b"".join(app(environ, lambda *head: sent.extend(head))).decode()
    assert int(sent[0][:3]) == status, f"{method} {path} {body}"
    if status in (204, 405):
        return
    kind = dict(sent[1]).get("Content-Type", "")
    assert kind.startswith("application/json"), f"{method} {path}"
    reply = json.loads(text)
    if status < 400:
        assert reply == expected, f"{method} {path}"
        return
    assert isinstance(reply["error"], str), f"{method} {path}: {reply} does not name the error"
    assert reply["error"] != "", f"{method} {path}: {reply} does not name the error"


def seeded():
    """Return an application with two notes, the second without a body."""
    app = notes.create_app()
    call(app, "POST", "/notes", '{"title":" Milk ","body":"two litres"}', 201, FIRST)
    call(app, "POST", "/notes", '{"title":"Call home"}', 201, SECOND)
    return app


def test_create() -> None:
    app = seeded()
    for body in ["", "{", "{}", '{"body":"x"}', '{"title":" "}', '{"title":"x","body":1}']:
        call(app, "POST", "/notes", body, 400)
    spaces = {"id": 3, "title": "Spaces", "body": " kept "}
    call(app, "POST", "/notes", '{"title":"Spaces","body":" kept "}', 201, spaces)


def test_list() -> None:
    call(notes.create_app(), "GET", "/notes", "", 200, [])
    call(seeded(), "GET", "/notes", "", 200, [FIRST, SECOND])


def test_get() -> None:
    app = seeded()
    call(app, "GET", "/notes/1", "", 200, FIRST)
    call(app, "GET", "/notes/2", "", 200, SECOND)
    for name in ["0", "3", "-1", "milk", "1x"]:
        call(app, "GET", f"/notes/{name}", "", 404)


def test_update() -> None:
    app = seeded()
    milk, home = {"id": 1, "title": "Milk", "body": ""}, {"id": 2, "title": "Call", "body": "at six"}
    call(app, "PUT", "/notes/2", '{"title":" Call ","body":"at six"}', 200, home)
    call(app, "PUT", "/notes/1", '{"title":"Milk"}', 200, milk)
    for body in ["{", '{"body":"x"}', '{"title":"\\t"}']:
        call(app, "PUT", "/notes/1", body, 400)
    call(app, "PUT", "/notes/9", '{"title":"x"}', 404)
    call(app, "GET", "/notes", "", 200, [milk, home])


def test_delete() -> None:
    app = seeded()
    call(app, "DELETE", "/notes/1", "", 204)
    call(app, "DELETE", "/notes/1", "", 404)
    call(app, "GET", "/notes/1", "", 404)
    call(app, "GET", "/notes", "", 200, [SECOND])
    milk = {"id": 3, "title": "Milk", "body": "one"}
    call(app, "POST", "/notes", '{"title":"Milk","body":"one"}', 201, milk)


def test_methods() -> None:
    app = seeded()
    for method in ["PUT", "PATCH", "DELETE"]:
        call(app, method, "/notes", json.dumps(FIRST), 405)
    for method in ["POST", "PATCH"]:
        call(app, method, "/notes/1", json.dumps(FIRST), 405)
