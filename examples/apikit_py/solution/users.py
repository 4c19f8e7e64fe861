"""Users in memory, over WSGI."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

User = dict[str, Any]


def create_app() -> WSGIApplication:
    """Return the application of /users, over a store of its own."""
    return _Users()


class _Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class _Users:
    """A store of users, and the answers to requests for them."""

    def __init__(self) -> None:
        self._users: dict[int, User] = {}
        self._last = 0
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            with self._lock:
                status, reply = self._answer(environ)
        except _Refused as refused:
            status, reply = refused.status, {"error": str(refused)}
        body = b"" if reply is None else json.dumps(reply).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers if body else [])
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[HTTPStatus, Any]:
        """Return the status and what goes into the body."""
        _, _, name = environ["PATH_INFO"].lstrip("/").partition("/")
        match environ["REQUEST_METHOD"], bool(name):
            case "POST", False:
                return HTTPStatus.CREATED, self._create(_decoded(environ))
            case "GET", False:
                return HTTPStatus.OK, list(self._users.values())
            case "GET", True:
                return HTTPStatus.OK, self._find(name)
            case "DELETE", True:
                del self._users[self._find(name)["id"]]
                return HTTPStatus.NO_CONTENT, None
            case _:
                return HTTPStatus.METHOD_NOT_ALLOWED, None

    def _find(self, name: str) -> User:
        """Return the user that a path names."""
        known = self._users.get(int(name)) if name.isdecimal() else None
        if known is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "no such user")
        return known

    def _create(self, fields: User) -> User:
        """Add a user with an email of its own."""
        if any(user["email"] == fields["email"] for user in self._users.values()):
            raise _Refused(HTTPStatus.CONFLICT, "email is taken")
        self._last += 1
        self._users[self._last] = {"id": self._last, **fields}
        return self._users[self._last]


def _decoded(environ: WSGIEnvironment) -> User:
    """Return the fields of a request that are checked and stored."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        fields = json.loads(body)
    except ValueError:
        raise _Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    if not isinstance(fields, dict):
        raise _Refused(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    name, email = fields.get("name"), fields.get("email")
    if not isinstance(name, str) or not isinstance(email, str):
        raise _Refused(HTTPStatus.BAD_REQUEST, "a field is missing or has the wrong type")
    name = name.strip()
    if not name:
        raise _Refused(HTTPStatus.BAD_REQUEST, "name is missing")
    if "@" not in email:
        raise _Refused(HTTPStatus.BAD_REQUEST, "email is malformed")
    return {"name": name, "email": email}
