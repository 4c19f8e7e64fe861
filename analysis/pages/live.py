"""The live view: the pages of the report, served on loopback while runs are made. It only reads."""

import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from analysis.errors import AnalysisError
from analysis.pages.arms import overview
from analysis.pages.full_text import search
from analysis.pages.library import RunLibrary
from analysis.pages.nodes import element, html
from analysis.pages.open_runs import OpenRun, OpenRuns
from analysis.pages.progress import SweepProgress, SweepProgresses, duration
from analysis.pages.rows import OUTCOMES
from analysis.pages.template import LIVE_POLICY, asset, environment
from harness.why import counted

HOSTS = ("127.0.0.1", "localhost")
"""Names under which the view answers: another name is that of a page that tries to reach it."""

ROWS_AT_ONCE = 2000

OPEN_ROWS = 200
"""Folders without a record in the list of runs, the newest."""

FILES = {"page.css": ("page.css", "text/css"), "page.js": ("page.js", "text/javascript"),
         "htmx.js": ("htmx-2.0.11.min.js", "text/javascript")}  # fmt: skip


class LiveView:
    """The state of the view: two threads read the files, and requests read what these have read."""

    EVERY = 1.0
    """Seconds between two looks at the files."""
    SHARE = 20
    """The rates are counted anew after this many times the time that it took, so that requests find a processor."""

    def __init__(self, ledgers: Sequence[Path]) -> None:
        """Raises AnalysisError for a ledger in a folder that is not there."""
        self._ledgers = ledgers
        self.library = RunLibrary(ledgers, awaited=True)
        self._progresses = SweepProgresses(ledgers)
        self._open = OpenRuns()
        self.sweeps: list[SweepProgress] = []
        self.runs: Sequence[OpenRun] = []
        self.overview = Markup("")
        self.note = "The rates are being counted."
        self.version = 0
        self.read = threading.Event()
        """Set once the ledgers have been read to their end."""
        self._ended = threading.Event()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow the files while the block lasts."""
        threads = [threading.Thread(target=work, daemon=True) for work in (self._follow, self._count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def look(self) -> None:
        """Read what has changed."""
        self._progresses.take(row for row, _ in self.library.look())
        self.runs = self._open.look(self.library.unrecorded)
        self.sweeps = self._progresses.look()
        self.read.set()

    def count(self) -> None:
        """Count the rates and the tests anew."""
        rows = {row.run_id: row for row in reversed(self.library.rows)}
        try:
            there = [path for path in self._ledgers if path.is_file()]
            self.overview = html(element("div", *overview(there, rows).parts)) if there else Markup("")
            self.note = "" if rows else "No run is recorded yet."
        except AnalysisError as error:
            self.note = str(error)
        except Exception as error:  # the view goes on, and says that the rates are missing
            self.note = f"The rates could not be counted: {type(error).__name__}: {error}"
        self.version += 1

    def _follow(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):  # a folder that cannot be read now may be read the next time
                self.look()
            self._ended.wait(self.EVERY)
        self.read.set()

    def _count(self) -> None:
        known = -1
        self.read.wait()
        while not self._ended.is_set():
            began, rows = time.monotonic(), len(self.library.rows)
            if rows != known:
                self.count()
                known = rows
            self._ended.wait(max(2.0, self.SHARE * (time.monotonic() - began)))

    def progress(self) -> str:
        """Return the progress as HTML."""
        alive = sum(run.alive for run in self.runs)
        return environment().get_template("progress.html.j2").render(
            sweeps=self.sweeps,
            runs=self.runs,
            alive=alive,
            reading=not self.read.is_set(),
            waiting=any(one.left for one in self.sweeps),
            more=max(0, len(self.library.unrecorded) - len(self.runs)),
            recorded=counted(len(self.library.rows), "run"),
            duration=duration,
        )  # fmt: skip

    def rows(self, since: int) -> str:
        """Return rows from a place on, and the folders without a record, as JSON."""
        some = self.library.rows[since : since + ROWS_AT_ONCE]
        shown, waiting = ",".join(row.shown for row in some), ",".join(self.library.open_rows(OPEN_ROWS))
        return f'{{"total":{len(self.library.rows)},"rows":[{shown}],"open":[{waiting}]}}'


def app(view: LiveView, title: str) -> Starlette:
    """Return the application: it answers GET alone, and reads no path that a request names."""

    def page(_: Request) -> Response:
        shown = environment().get_template("page.html.j2").render(
            live=True, policy=LIVE_POLICY, title=title, outcomes=OUTCOMES
        )  # fmt: skip
        return Response(shown, media_type="text/html")

    def file(request: Request) -> Response:
        name, kind = FILES[request.url.path.rpartition("/")[2]]
        return Response(asset(name), media_type=kind)

    def progress(_: Request) -> Response:
        return Response(view.progress().encode("utf-8", "backslashreplace"), media_type="text/html")

    def overview_page(request: Request) -> Response:
        if request.query_params.get("seen") == str(view.version):
            return Response(status_code=204)
        shown = environment().get_template("overview.html.j2").render(
            version=view.version, note=view.note, overview=view.overview
        )  # fmt: skip
        return Response(shown.encode("utf-8", "backslashreplace"), media_type="text/html")

    def rows(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isascii() or not since.isdigit() or len(since) > 12:
            return PlainTextResponse("since must be a whole number", 400)
        return Response(view.rows(int(since)), media_type="application/json")

    def run(request: Request) -> Response:
        try:
            return JSONResponse(view.library.document(request.query_params.get("id", "")).as_json())
        except KeyError:
            return PlainTextResponse("no such run", 404)

    def texts(request: Request) -> Response:
        text = request.query_params.get("q", "").strip()
        ids = [*view.library.unrecorded, *(row.run_id for row in reversed(view.library.rows))]
        return JSONResponse(asdict(search(view.library, dict.fromkeys(ids), text)) if text else {"hits": []})

    answers: dict[str, Callable[[Request], Response]] = {
        "/": page,
        "/progress": progress,
        "/overview": overview_page,
        "/rows": rows,
        "/run": run,
        "/search": texts,
    } | {f"/{name}": file for name in FILES}
    routes = [Route(path, answer, methods=["GET"]) for path, answer in answers.items()]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts, Middleware(BaseHTTPMiddleware, dispatch=_guarded)])


async def _guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    response.headers["Content-Security-Policy"] = f"{LIVE_POLICY}; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def serve(ledgers: Sequence[Path], port: int) -> None:
    """Serve the view on loopback until Ctrl-C. Raises AnalysisError where it cannot listen there."""
    import uvicorn  # noqa: PLC0415 - only here is anything served

    from harness.serving import listen  # noqa: PLC0415 - likewise

    view = LiveView(ledgers)
    try:
        listener = listen(HOSTS[0], port)
    except OSError as error:
        raise AnalysisError(f"--port {port}: {error}; --port 0 picks a free one") from error
    address = f"http://{HOSTS[0]}:{listener.getsockname()[1]}/"
    shown = app(view, ", ".join(map(str, ledgers)))
    config = uvicorn.Config(shown, log_config=None, access_log=False, ws="none", lifespan="off", server_header=False)
    # All that the first answers need is loaded before a thread reads a long ledger, beside which imports would crawl.
    config.load()
    view.progress()
    with view.following(), suppress(KeyboardInterrupt):
        print(f"{address}  shows the runs as they are made; Ctrl-C ends it", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
