import io
import json
from wsgiref.util import setup_testing_defaults

import tasks


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
    """Return an application with two tasks."""
    app = tasks.create_app()
    call(app, "POST", "/tasks", '{"title":"wash"}', 201, {"id": 1, "title": "wash", "done": False})
    call(app, "POST", "/tasks", '{"title":" dry ","done":true}', 201, {"id": 2, "title": "dry", "done": True})
    return app


def test_create() -> None:
    app = seeded()
    for body in ["", "{", "{}", '{"title":" "}', '{"title":1}', '{"title":"x","done":"yes"}']:
        call(app, "POST", "/tasks", body, 400)
    call(app, "POST", "/tasks", '{"title":"wash"}', 201, {"id": 3, "title": "wash", "done": False})


def test_list() -> None:
    call(tasks.create_app(), "GET", "/tasks", "", 200, [])
    wash, dry = {"id": 1, "title": "wash", "done": False}, {"id": 2, "title": "dry", "done": True}
    call(seeded(), "GET", "/tasks", "", 200, [wash, dry])


def test_get() -> None:
    app = seeded()
    call(app, "GET", "/tasks/2", "", 200, {"id": 2, "title": "dry", "done": True})
    for name in ["0", "3", "wash", "1x"]:
        call(app, "GET", f"/tasks/{name}", "", 404)


def test_update() -> None:
    app = seeded()
    rinse, dry = {"id": 1, "title": "rinse", "done": True}, {"id": 2, "title": "dry", "done": False}
    call(app, "PUT", "/tasks/1", '{"title":" rinse ","done":true}', 200, rinse)
    call(app, "GET", "/tasks/1", "", 200, rinse)
    call(app, "PUT", "/tasks/2", '{"title":"dry"}', 200, dry)
    for body in ["{", '{"done":true}', '{"title":"  "}']:
        call(app, "PUT", "/tasks/1", body, 400)
    call(app, "PUT", "/tasks/7", '{"title":"x"}', 404)
    call(app, "GET", "/tasks", "", 200, [rinse, dry])


def test_delete() -> None:
    app = seeded()
    call(app, "DELETE", "/tasks/2", "", 204)
    call(app, "DELETE", "/tasks/2", "", 404)
    call(app, "GET", "/tasks/2", "", 404)
    call(app, "PUT", "/tasks/2", '{"title":"x"}', 404)
    call(app, "DELETE", "/tasks/1", "", 204)
    call(app, "GET", "/tasks", "", 200, [])
    call(app, "POST", "/tasks", '{"title":"iron"}', 201, {"id": 3, "title": "iron", "done": False})


def test_methods() -> None:
    app = seeded()
    call(app, "PUT", "/tasks", '{"title":"x"}', 405)
    call(app, "DELETE", "/tasks", "", 405)
    call(app, "POST", "/tasks/1", '{"title":"x"}', 405)
    call(app, "PATCH", "/tasks/1", '{"title":"x"}', 405)
