"""Honest code and its spec, one pair for each feature of control flow that crosses."""

PAIRS = {
    "callbacks": (
        """
        def each(function, items): return [function(item) for item in items]
        def retry(function, times):
            for left in range(times - 1, -1, -1):
                try: return function()
                except ConnectionError:
                    if not left: raise
        def memoize(function):
            import functools
            known = {}
            @functools.wraps(function)
            def wrapper(*args):
                if args not in known: known[args] = function(*args)
                return known[args]
            return wrapper
        class Bus:
            def __init__(self): self.handlers = {}
            def on(self, name, handler): self.handlers.setdefault(name, []).append(handler)
            def emit(self, name, *args, **kwargs):
                return [handler(*args, **kwargs) for handler in self.handlers.get(name, [])]
        def use(clock): return clock.now() + clock.step
        def bump(thing): thing.count += 1; return thing
        def read(file): return [line.strip() for line in file]
        def best(items, key): return max(items, key=key)
        """,
        """
        import functools, io, operator
        import pytest
        from callbacks import Bus, best, bump, each, memoize, read, retry, use

        def test_functions_and_builtins():
            seen = []
            assert each(lambda x: x + 1, [1, 2]) == [2, 3]
            each(seen.append, [1, 2])
            assert seen == [1, 2]
            assert each(str, [1, 2]) == ["1", "2"] and each(functools.partial(operator.add, 1), [1]) == [2]
            assert best(["a", "ccc", "bb"], key=len) == "ccc"

        def test_exceptions_pass_through_the_code():
            calls = []
            def fails():
                calls.append(1)
                raise ConnectionError("down")
            with pytest.raises(ConnectionError, match="down") as caught:
                retry(fails, 3)
            assert len(calls) == 3 and type(caught.value) is ConnectionError
            class Own(Exception):
                pass
            error = Own("x")
            def own():
                raise error
            with pytest.raises(Own) as caught:
                retry(own, 3)
            assert caught.value is error

        def test_decorators():
            calls = []
            @memoize
            def square(x):
                "Square it."
                calls.append(x)
                return x * x
            assert square(3) == square(3) == 9 and calls == [3]
            assert square.__name__ == "square" and square.__doc__ == "Square it."

        def test_handlers():
            bus = Bus()
            got = []
            bus.on("a", lambda *a, **k: got.append((a, k)))
            bus.emit("a", 1, k=2)
            assert got == [((1,), {"k": 2})] and bus.emit("b") == []

        class Clock:
            step = 5
            def __init__(self): self.count = 0
            def now(self): return 10

        def test_fakes_of_the_spec():
            clock = Clock()
            assert use(clock) == 15 and bump(clock) is clock and clock.count == 1
            assert read(io.StringIO("a\\nb\\n")) == ["a", "b"]

        def test_a_call_back_into_the_code():
            assert each(lambda x: each(lambda y: x * y, [1, 2]), [1, 2]) == [[1, 2], [2, 4]]
        """,
    ),
    "iterators": (
        """
        def count(n):
            for i in range(n): yield i
        def echo():
            got = None
            while True:
                try: got = yield got
                except ValueError as error: got = f"caught {error}"
        log = []
        def guarded():
            try: yield 1
            finally: log.append("closed")
        def returning():
            yield 1
            return "end"
        class Countdown:
            def __init__(self, n): self.n = n
            def __iter__(self): return self
            def __next__(self):
                if self.n == 0: raise StopIteration
                self.n -= 1
                return self.n
        def total(items): return sum(items)
        def pairs(items): return zip(items, items)
        def first(iterator): return next(iterator)
        def drain(generator):
            for item in generator: yield item * 2
        """,
        """
        import inspect, itertools, types
        import pytest
        import iterators
        from iterators import Countdown, count, drain, echo, first, guarded, pairs, returning, total

        def test_generators():
            assert list(count(3)) == [0, 1, 2] and next(count(1)) == 0
            g = count(1)
            assert next(g) == 0 and isinstance(g, types.GeneratorType) and inspect.isgenerator(g)
            with pytest.raises(StopIteration):
                next(g)
            assert next(g, "none") == "none"

        def test_send_throw_and_close():
            e = echo()
            next(e)
            assert e.send(5) == 5 and e.throw(ValueError("x")) == "caught x"
            g = guarded()
            next(g)
            g.close()
            assert iterators.log == ["closed"]

        def test_value_of_a_generator():
            def outer():
                return (yield from returning())
            g = outer()
            next(g)
            with pytest.raises(StopIteration) as stop:
                next(g)
            assert stop.value.value == "end"

        def test_iterators_of_classes():
            assert list(Countdown(3)) == [2, 1, 0] and 1 in Countdown(3)
            assert list(zip(Countdown(2), "ab")) == [(1, "a"), (0, "b")]

        def test_iterators_of_the_spec():
            assert total(iter([1, 2])) == 3 and total(x for x in (1, 2)) == 3
            assert list(pairs([1, 2])) == [(1, 1), (2, 2)]
            counter = itertools.count(5)
            assert first(counter) == 5 and next(counter) == 6
            def endless():
                yield from itertools.count()
            assert list(itertools.islice(drain(endless()), 3)) == [0, 2, 4]
        """,
    ),
    "contexts": (
        """
        import contextlib
        class Resource:
            def __init__(self): self.events = []
            def __enter__(self): self.events.append("in"); return self
            def __exit__(self, kind, error, trace):
                self.events.append(kind.__name__ if kind else "out")
                return kind is KeyError
        @contextlib.contextmanager
        def tagged(name, out):
            out.append(f"<{name}>")
            try: yield name.upper()
            except ZeroDivisionError as error: out.append(str(error))
            finally: out.append(f"</{name}>")
        """,
        """
        import pytest
        from contexts import Resource, tagged

        def test_a_context_manager():
            r = Resource()
            with r as inside:
                assert inside is r
            with r:
                raise KeyError("x")
            with pytest.raises(ValueError):
                with r:
                    raise ValueError
            assert r.events == ["in", "out", "in", "KeyError", "in", "ValueError"]

        def test_a_generator_as_one():
            out = []
            with tagged("b", out) as name:
                assert name == "B"
                out.append("x")
            with tagged("c", out):
                1 / 0
            assert out == ["<b>", "x", "</b>", "<c>", "division by zero", "</c>"]
        """,
    ),
    "errors": (
        """
        class AppError(Exception):
            def __init__(self, message, code):
                super().__init__(message)
                self.code = code
            def describe(self): return f"{self.code}: {self.args[0]}"
        class NotFound(AppError, KeyError):
            def __str__(self): return f"<{self.code}>"
        def fail(code): raise AppError("bad", code)
        def missing(): raise NotFound("gone", 404)
        def chained():
            try: int("x")
            except ValueError as error: raise AppError("outer", 1) from error
        def noted():
            error = RuntimeError("r"); error.add_note("a note"); raise error
        def opened(): open("/nonexistent/file")
        def group(): raise ExceptionGroup("many", [ValueError("a"), TypeError("b")])
        def leave(code): raise SystemExit(code)
        def attribute(): return object().nothing
        def key(): return {}["k"]
        """,
        """
        import pytest
        import errors
        from errors import AppError, NotFound

        def test_own_exceptions():
            with pytest.raises(AppError, match="^bad$") as caught:
                errors.fail(7)
            assert caught.value.code == 7 and caught.value.describe() == "7: bad" and caught.value.args == ("bad",)
            assert caught.type is AppError
            try:
                errors.missing()
            except KeyError as error:
                assert isinstance(error, NotFound) and str(error) == "<404>" and issubclass(NotFound, LookupError)

        def test_causes_and_notes():
            with pytest.raises(AppError) as caught:
                errors.chained()
            assert type(caught.value.__cause__) is ValueError and "invalid literal" in str(caught.value.__cause__)
            with pytest.raises(RuntimeError) as caught:
                errors.noted()
            assert caught.value.__notes__ == ["a note"]

        def test_exceptions_of_the_language():
            with pytest.raises(FileNotFoundError) as caught:
                errors.opened()
            assert caught.value.errno == 2 and caught.value.filename == "/nonexistent/file"
            with pytest.raises(ExceptionGroup) as caught:
                errors.group()
            assert [type(one) for one in caught.value.exceptions] == [ValueError, TypeError]
            with pytest.raises(KeyError, match="k"):
                errors.key()
            with pytest.raises(AttributeError):
                errors.attribute()
            with pytest.raises(TypeError):
                errors.fail()

        def test_the_end_of_a_program():
            with pytest.raises(SystemExit) as caught:
                errors.leave(3)
            assert caught.value.code == 3

        def test_errors_as_values():
            error = AppError("x", 2)
            assert str(error) == "x" and error.code == 2 and isinstance(error, Exception)
            with pytest.raises(AppError):
                raise error
            assert repr(error) == "AppError('x')"
        """,
    ),
}
