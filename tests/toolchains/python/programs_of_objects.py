"""Everyday programs built of classes and functions, each with its spec and a bug."""

PROGRAMS: dict[str, tuple[str, str, tuple[str, str]]] = {
    "bank": (
        """
        class InsufficientFunds(ValueError):
            def __init__(self, missing):
                super().__init__(f"{missing} missing")
                self.missing = missing

        class Account:
            def __init__(self, owner, balance=0):
                self.owner, self._balance = owner, balance

            @property
            def balance(self):
                return self._balance

            def withdraw(self, amount):
                if amount > self._balance:
                    raise InsufficientFunds(amount - self._balance)
                self._balance -= amount
                return self._balance
        """,
        """
        import pytest
        from bank import Account, InsufficientFunds

        @pytest.fixture
        def account():
            return Account("Ada", 100)

        def test_withdraw(account):
            assert account.withdraw(30) == 70
            assert account.balance == 70

        def test_too_much(account):
            with pytest.raises(InsufficientFunds, match="50 missing") as caught:
                account.withdraw(150)
            assert caught.value.missing == 50
            assert isinstance(caught.value, ValueError)
            assert account.balance == 100
        """,
        ("amount - self._balance", "amount"),
    ),
    "cache": (
        """
        from collections import OrderedDict

        class Cache:
            def __init__(self, size):
                self._size, self._items = size, OrderedDict()

            def __len__(self):
                return len(self._items)

            def __contains__(self, key):
                return key in self._items

            def __getitem__(self, key):
                self._items.move_to_end(key)
                return self._items[key]

            def __setitem__(self, key, value):
                self._items[key] = value
                self._items.move_to_end(key)
                while len(self._items) > self._size:
                    self._items.popitem(last=False)
        """,
        """
        import pytest
        from cache import Cache

        def test_oldest_goes():
            cache = Cache(2)
            cache["a"], cache["b"] = 1, 2
            assert cache["a"] == 1
            cache["c"] = 3
            assert len(cache) == 2
            assert "a" in cache and "b" not in cache

        def test_missing():
            with pytest.raises(KeyError):
                Cache(1)["nothing"]
        """,
        ("self._items.move_to_end(key)\n    return", "return"),
    ),
    "matrix": (
        """
        class Matrix:
            def __init__(self, rows):
                self.rows = [list(row) for row in rows]

            def __eq__(self, other):
                return isinstance(other, Matrix) and self.rows == other.rows

            def __hash__(self):
                return hash(tuple(map(tuple, self.rows)))

            def __add__(self, other):
                if not isinstance(other, Matrix):
                    return NotImplemented
                return Matrix([[a + b for a, b in zip(r, s)] for r, s in zip(self.rows, other.rows)])

            def __matmul__(self, other):
                return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*other.rows)] for r in self.rows])

            def __repr__(self):
                return f"Matrix({self.rows})"
        """,
        """
        import pytest
        from matrix import Matrix

        @pytest.mark.parametrize(("a", "b", "product"), [
            ([[1, 2], [3, 4]], [[1, 0], [0, 1]], [[1, 2], [3, 4]]),
            ([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[19, 22], [43, 50]]),
        ])
        def test_product(a, b, product):
            assert (Matrix(a) @ Matrix(b)).rows == product

        def test_sum_and_equality():
            assert Matrix([[1]]) + Matrix([[2]]) == Matrix([[3]])
            assert Matrix([[1]]) != Matrix([[2]])
            assert len({Matrix([[1]]), Matrix([[1]])}) == 1
            assert repr(Matrix([[1]])) == "Matrix([[1]])"

        def test_no_sum_with_numbers():
            with pytest.raises(TypeError):
                Matrix([[1]]) + 1
        """,
        ("a * b", "a + b"),
    ),
    "events": (
        """
        class Emitter:
            def __init__(self):
                self._handlers = {}

            def on(self, name, handler):
                self._handlers.setdefault(name, []).append(handler)
                return lambda: self._handlers[name].remove(handler)

            def emit(self, name, *args, **kwargs):
                return [handler(*args, **kwargs) for handler in list(self._handlers.get(name, ()))]
        """,
        """
        from unittest.mock import Mock
        from events import Emitter

        def test_handlers_are_called_in_order():
            emitter, seen = Emitter(), []
            emitter.on("saved", lambda name, size=0: seen.append((name, size)))
            emitter.on("saved", lambda name, size=0: len(name))
            assert emitter.emit("saved", "file", size=3) == [None, 4]
            assert seen == [("file", 3)]

        def test_a_handler_can_be_removed():
            emitter, handler = Emitter(), Mock(return_value=1)
            remove = emitter.on("x", handler)
            emitter.emit("x", 1)
            remove()
            assert emitter.emit("x", 2) == []
            handler.assert_called_once_with(1)
        """,
        ("*args, **kwargs) for", "*args) for"),
    ),
    "streams": (
        """
        def chunks(items, size):
            if size < 1:
                raise ValueError("size must be positive")
            chunk = []
            for item in items:
                chunk.append(item)
                if len(chunk) == size:
                    yield chunk
                    chunk = []
            if chunk:
                yield chunk

        def running_mean():
            total, count, mean = 0.0, 0, None
            while True:
                value = yield mean
                total, count = total + value, count + 1
                mean = total / count
        """,
        """
        import itertools
        import pytest
        from streams import chunks, running_mean

        def test_chunks():
            assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]

        def test_chunks_are_lazy():
            assert next(chunks(itertools.count(), 3)) == [0, 1, 2]

        def test_no_chunks_of_nothing():
            with pytest.raises(ValueError, match="positive"):
                list(chunks([1], 0))

        def test_mean():
            mean = running_mean()
            next(mean)
            assert [mean.send(n) for n in (1, 2, 6)] == pytest.approx([1.0, 1.5, 3.0])
        """,
        ("total / count", "total / (count + 1)"),
    ),
}
"""Code, spec, and a bug: a passage of the code with what stands there instead."""
