"""Everyday programs that keep, read and serve data, each with its spec and a bug."""

PROGRAMS: dict[str, tuple[str, str, tuple[str, str]]] = {
    "transaction": (
        """
        import contextlib

        class Store:
            def __init__(self):
                self.data = {}

            @contextlib.contextmanager
            def transaction(self):
                before = dict(self.data)
                try:
                    yield self
                except Exception:
                    self.data = before
                    raise

            def put(self, key, value):
                self.data[key] = value
        """,
        """
        import pytest
        from transaction import Store

        def test_commit():
            store = Store()
            with store.transaction() as open_store:
                open_store.put("a", 1)
            assert store.data == {"a": 1}

        def test_rollback():
            store = Store()
            store.put("a", 1)
            with pytest.raises(RuntimeError, match="no"):
                with store.transaction():
                    store.put("a", 2)
                    raise RuntimeError("no")
            assert store.data == {"a": 1}
        """,
        ("self.data = before", "pass"),
    ),
    "inventory": (
        """
        from dataclasses import dataclass, field
        from decimal import Decimal
        from enum import Enum

        class Kind(Enum):
            BOOK = "book"
            TOY = "toy"

        @dataclass(frozen=True, order=True)
        class Item:
            name: str
            price: Decimal
            kind: Kind = field(default=Kind.BOOK, compare=False)

        def total(items):
            return sum((item.price for item in items), Decimal(0))

        def by_kind(items):
            found = {}
            for item in items:
                found.setdefault(item.kind, []).append(item)
            return found
        """,
        """
        import dataclasses
        from decimal import Decimal
        import pytest
        from inventory import Item, Kind, by_kind, total

        ITEMS = [Item("Emma", Decimal("7.50")), Item("Ball", Decimal("3.25"), Kind.TOY)]

        def test_total():
            assert total(ITEMS) == Decimal("10.75")

        def test_by_kind():
            assert by_kind(ITEMS) == {Kind.BOOK: [ITEMS[0]], Kind.TOY: [ITEMS[1]]}

        def test_items_are_values():
            assert Item("Emma", Decimal("7.50")) == ITEMS[0]
            assert sorted(ITEMS)[0].name == "Ball"
            with pytest.raises(dataclasses.FrozenInstanceError):
                ITEMS[0].name = "x"
        """,
        ("item.kind, []", "Kind.BOOK, []"),
    ),
    "crawler": (
        """
        import asyncio

        async def fetch_all(urls, fetch, limit):
            gate = asyncio.Semaphore(limit)

            async def one(url):
                async with gate:
                    try:
                        return url, await fetch(url)
                    except OSError as error:
                        return url, str(error)

            return dict(await asyncio.gather(*(one(url) for url in urls)))
        """,
        """
        import asyncio
        from crawler import fetch_all

        def test_all_pages_and_no_more_than_the_limit_at_once():
            running, most = 0, 0

            async def fetch(url):
                nonlocal running, most
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.01)
                running -= 1
                if url == "bad":
                    raise OSError("gone")
                return len(url)

            pages = asyncio.run(fetch_all(["a", "bb", "bad", "dddd"], fetch, 2))
            assert pages == {"a": 1, "bb": 2, "bad": "gone", "dddd": 4}
            assert most <= 2
        """,
        ("str(error)", "None"),
    ),
    "parser": (
        """
        import re

        TOKEN = re.compile(r"\\s*(?:(\\d+)|(.))")

        class ParseError(Exception):
            pass

        def evaluate(text):
            tokens = [(int(n) if n else s) for n, s in TOKEN.findall(text)]
            value, rest = _sum(tokens)
            if rest:
                raise ParseError(f"unexpected {rest[0]!r}")
            return value

        def _sum(tokens):
            value, tokens = _atom(tokens)
            while tokens and tokens[0] in ("+", "-"):
                sign, (other, rest) = tokens[0], _atom(tokens[1:])
                value, tokens = (value + other if sign == "+" else value - other), rest
            return value, tokens

        def _atom(tokens):
            if not tokens:
                raise ParseError("unexpected end")
            head, *rest = tokens
            if head == "(":
                value, rest = _sum(rest)
                if rest[:1] != [")"]:
                    raise ParseError("missing )")
                return value, rest[1:]
            if not isinstance(head, int):
                raise ParseError(f"unexpected {head!r}")
            return head, rest
        """,
        """
        import unittest
        from parser_ import evaluate, ParseError

        class EvaluateTest(unittest.TestCase):
            def test_values(self):
                for text, value in {"1": 1, "1 + 2": 3, "4-(1+2)": 1, "(((7)))": 7}.items():
                    with self.subTest(text):
                        self.assertEqual(evaluate(text), value)

            def test_errors(self):
                for text, words in {"": "end", "1 +": "end", "(1": "missing", "1 2": "unexpected 2"}.items():
                    with self.assertRaisesRegex(ParseError, words):
                        evaluate(text)
        """,
        ("value - other", "value + other"),
    ),
    "wsgi": (
        """
        import json

        def create_app():
            notes = {}

            def app(environ, start_response):
                method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
                if method == "POST" and path == "/notes":
                    text = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))["text"]
                    notes[len(notes) + 1] = text
                    return answer(start_response, "201 Created", {"id": len(notes), "text": text})
                if method == "GET" and path == "/notes":
                    return answer(start_response, "200 OK", list(notes.values()))
                return answer(start_response, "404 Not Found", {"error": "not found"})

            return app

        def answer(start_response, status, value):
            body = json.dumps(value).encode()
            start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        """,
        """
        import io
        import json
        import pytest
        from wsgi import create_app

        @pytest.fixture
        def call():
            app = create_app()

            def send(method, path, value=None):
                body, seen = b"" if value is None else json.dumps(value).encode(), []
                environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)),
                           "wsgi.input": io.BytesIO(body)}
                parts = app(environ, lambda status, headers: seen.append((status, dict(headers))))
                return seen[0][0], json.loads(b"".join(parts))

            return send

        def test_notes(call):
            assert call("POST", "/notes", {"text": "hi"}) == ("201 Created", {"id": 1, "text": "hi"})
            assert call("GET", "/notes") == ("200 OK", ["hi"])

        def test_unknown(call):
            assert call("GET", "/nope")[0].startswith("404")
        """,
        ("list(notes.values())", "[]"),
    ),
}
"""Code, spec, and a bug: a passage of the code with what stands there instead."""
