"""All features, joined to one application."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import health
import notes
import tasks
import users


def create_app() -> WSGIApplication:
    """Return the application of the whole API, over stores of its own."""
    features = {
        "health": health.create_app(),
        "users": users.create_app(),
        "tasks": tasks.create_app(),
        "notes": notes.create_app(),
    }

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = environ["PATH_INFO"].split("/")[1]
        return features.get(name, _not_found)(environ, start_response)

    return app


def _not_found(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer for a path that no feature has."""
    start_response("404 Not Found", [("Content-Type", "application/json")])
    return [b'{"error":"not found"}']
