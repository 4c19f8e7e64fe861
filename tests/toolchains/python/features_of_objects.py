"""Honest code and its spec, one pair for each feature of objects that crosses."""

PAIRS = {
    "operators": (
        """
        class Vector:
            def __init__(self, x, y): self.x, self.y = x, y
            def __add__(self, other):
                return Vector(self.x + other.x, self.y + other.y) if isinstance(other, Vector) else NotImplemented
            def __mul__(self, k): return Vector(self.x * k, self.y * k)
            __rmul__ = __mul__
            def __neg__(self): return Vector(-self.x, -self.y)
            def __eq__(self, other): return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)
            def __hash__(self): return hash((self.x, self.y))
            def __iadd__(self, other): self.x += other.x; self.y += other.y; return self
            def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5
            def __bool__(self): return bool(self.x or self.y)
            def __repr__(self): return f"Vector({self.x}, {self.y})"
            def __lt__(self, other): return abs(self) < abs(other)
            def __getitem__(self, index): return (self.x, self.y)[index]
            def __len__(self): return 2
            def __iter__(self): return iter((self.x, self.y))
            def __contains__(self, item): return item in (self.x, self.y)
            def __matmul__(self, other): return self.x * other.x + self.y * other.y
        """,
        """
        import pytest
        from operators import Vector

        def test_arithmetic():
            assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6)
            assert Vector(1, 2) * 3 == 3 * Vector(1, 2) == Vector(3, 6)
            assert -Vector(1, 2) == Vector(-1, -2)
            assert Vector(1, 2) @ Vector(3, 4) == 11
            assert abs(Vector(3, 4)) == 5.0

        def test_unsupported_operand():
            with pytest.raises(TypeError, match="unsupported operand"):
                Vector(1, 2) + 1
            with pytest.raises(TypeError):
                Vector(1, 2) - Vector(1, 2)

        def test_in_place_addition_keeps_the_object():
            v = same = Vector(1, 2)
            v += Vector(1, 1)
            assert v is same and (v.x, v.y) == (2, 3)

        def test_container_methods():
            v = Vector(1, 2)
            assert len(v) == 2 and v[0] == 1 and v[-1] == 2 and list(v) == [1, 2] and 2 in v and 5 not in v
            assert v[0:2] == (1, 2) and [*reversed(v)] == [2, 1]
            x, y = v
            assert (x, y) == (1, 2)
            with pytest.raises(IndexError):
                v[7]

        def test_hash_repr_bool_and_order():
            assert {Vector(1, 2), Vector(1, 2)} == {Vector(1, 2)}
            assert {Vector(1, 2): "a"}[Vector(1, 2)] == "a"
            assert repr(Vector(1, 2)) == "Vector(1, 2)" == str(Vector(1, 2)) == f"{Vector(1, 2)}"
            assert not Vector(0, 0) and Vector(0, 1)
            assert Vector(0, 1) < Vector(3, 4)
            assert sorted([Vector(3, 4), Vector(0, 1)])[0] == Vector(0, 1)
            assert max(Vector(3, 4), Vector(0, 1)) == Vector(3, 4)
            assert sum([Vector(1, 1), Vector(2, 2)], Vector(0, 0)) == Vector(3, 3)
        """,
    ),
    "attributes": (
        '''
        class Account:
            """Money of somebody."""
            rate = 0.5
            def __init__(self, owner): self.owner = owner; self._balance = 0
            @property
            def balance(self):
                """What is there."""
                return self._balance
            @balance.setter
            def balance(self, value):
                if value < 0: raise ValueError("negative")
                self._balance = value
            @classmethod
            def of(cls, owner): return cls(owner)
            @staticmethod
            def limit(): return 100
            def __getattr__(self, name):
                if name.startswith("has_"): return name[4:]
                raise AttributeError(name)
        class Savings(Account):
            def limit(self): return 200
        class Bare:
            __slots__ = ("a",)
        ''',
        """
        import pytest
        import attributes
        from attributes import Account, Bare, Savings

        def test_properties():
            a = Account.of("x")
            a.balance = 5
            assert a.balance == 5
            with pytest.raises(ValueError, match="negative"):
                a.balance = -1
            with pytest.raises(AttributeError):
                a.nothing
            assert a.has_it == "it" and not hasattr(a, "other")

        def test_class_and_static_members():
            assert Account.rate == 0.5 and Account.limit() == 100
            Account.rate = 0.75
            assert Account("y").rate == 0.75
            Account.rate = 0.5
            assert isinstance(Savings.of("z"), Savings)

        def test_names_and_documentation():
            assert Account.__name__ == "Account" and Account.__doc__ == "Money of somebody."
            assert Account.of.__name__ == "of" and attributes.__name__ == "attributes"
            assert type(Account("x")).__name__ == "Account" and Account("x").__class__ is Account
            assert Account.__module__ == "attributes" and Account.balance.__doc__ == "What is there."

        def test_vars_del_dir_and_getattr():
            a = Account("x")
            a.extra = [1]
            assert vars(a) == {"owner": "x", "_balance": 0, "extra": [1]}
            assert a.__dict__["owner"] == "x"
            del a.extra
            assert not hasattr(a, "extra") and getattr(a, "extra", 7) == 7
            setattr(a, "owner", "w")
            assert a.owner == "w" and "owner" in dir(a)
            with pytest.raises(AttributeError):
                del a.extra
            b = Bare()
            b.a = 1
            with pytest.raises(AttributeError):
                b.c = 1

        def test_kinds():
            assert isinstance(Savings("x"), Account) and issubclass(Savings, Account)
            assert not isinstance(Account("x"), Savings) and isinstance(Account, type)
            assert Savings.__mro__[1] is Account and Savings.__bases__ == (Account,)
            assert Savings("x").limit() == 200 and callable(Account) and Account("x") != Account("x")
        """,
    ),
    "data_classes": (
        """
        from dataclasses import dataclass, field
        from enum import Enum, IntEnum, Flag, auto
        from typing import NamedTuple
        from collections import namedtuple

        @dataclass
        class Item:
            name: str
            price: float = 1.0
            tags: list = field(default_factory=list)
        @dataclass(frozen=True, order=True)
        class Version:
            major: int
            minor: int = 0
        class Color(Enum):
            RED = 1
            GREEN = "g"
            def shout(self): return self.name + "!"
        class Level(IntEnum):
            LOW = 1
            HIGH = 2
        class Right(Flag):
            READ = auto()
            WRITE = auto()
        class Point(NamedTuple):
            x: int
            y: int = 0
            def norm(self): return abs(self.x) + abs(self.y)
        Pair = namedtuple("Pair", "count index")
        def origin(): return Point(0, 0)
        class Name(str):
            def greet(self): return "hi " + self
        """,
        """
        import dataclasses
        import pytest
        from data_classes import Color, Item, Level, Name, Pair, Point, Right, Version, origin

        def test_data_classes():
            item = Item("a", tags=["x"])
            assert item == Item("a", 1.0, ["x"]) and item != Item("b")
            assert repr(item) == "Item(name='a', price=1.0, tags=['x'])"
            assert dataclasses.asdict(item) == {"name": "a", "price": 1.0, "tags": ["x"]}
            assert dataclasses.astuple(item) == ("a", 1.0, ["x"])
            assert dataclasses.replace(item, name="b").name == "b"
            assert [f.name for f in dataclasses.fields(Item)] == ["name", "price", "tags"]
            assert dataclasses.is_dataclass(item)
            item.tags.append("y")
            assert item.tags == ["x", "y"]

        def test_frozen_and_ordered():
            with pytest.raises(dataclasses.FrozenInstanceError):
                Version(1).major = 2
            with pytest.raises(AttributeError):
                Version(1).major = 2
            assert Version(1, 2) < Version(2) and max(Version(1), Version(3)) == Version(3)
            assert len({Version(1), Version(1)}) == 1
            with pytest.raises(TypeError):
                hash(Item("a"))

        def test_enums():
            assert Color.RED is Color.RED and Color("g") is Color.GREEN and Color["RED"] is Color.RED
            assert [c.name for c in Color] == ["RED", "GREEN"] and Color.RED.value == 1 and len(Color) == 2
            assert Color.RED in Color and Color.RED != Color.GREEN and Color.RED.shout() == "RED!"
            assert str(Color.RED) == "Color.RED" and repr(Color.RED) == "<Color.RED: 1>"
            assert {Color.RED: 1}[Color.RED] == 1 and isinstance(Color.RED, Color)
            with pytest.raises(ValueError):
                Color("blue")
            assert Level.HIGH == 2 and Level.LOW < Level.HIGH and Level.LOW + 1 == 2 and Level(2) is Level.HIGH
            assert (Right.READ | Right.WRITE) & Right.READ == Right.READ

        def test_named_tuples():
            p = origin()
            assert p == (0, 0) and p.x == 0 and isinstance(p, tuple) and isinstance(p, Point)
            assert Point(1, -2).norm() == 3 and Point(1)._replace(y=5) == Point(1, 5)
            assert Point(1, 2)._asdict() == {"x": 1, "y": 2} and Point._fields == ("x", "y")
            x, y = Point(3, 4)
            assert (x, y) == (3, 4) and Pair(1, 2).count == 1 and Pair(1, 2).index == 2
            assert sorted([Point(2), Point(1)]) == [Point(1), Point(2)] and repr(Point(1)) == "Point(x=1, y=0)"

        def test_subclass_of_text():
            name = Name("bo")
            assert name == "bo" and name.upper() == "BO" and name.greet() == "hi bo" and isinstance(name, str)

        def test_match():
            match Version(1, 2):
                case Version(major=1, minor=m):
                    assert m == 2
                case _:
                    raise AssertionError
            match Point(1, 2):
                case Point(1, y):
                    assert y == 2
            match Color.RED:
                case Color.RED:
                    pass
                case _:
                    raise AssertionError
        """,
    ),
    "abstract": (
        """
        import abc
        from collections.abc import Mapping, Sequence
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
            def describe(self): return f"{type(self).__name__} of {self.area()}"
        class Square(Shape):
            def __init__(self, side): self.side = side
            def area(self): return self.side ** 2
        class Registry(Mapping):
            def __init__(self, **items): self._items = items
            def __getitem__(self, key): return self._items[key]
            def __iter__(self): return iter(self._items)
            def __len__(self): return len(self._items)
        class Stack(list):
            def push(self, item): self.append(item)
            def peek(self): return self[-1]
        """,
        """
        import collections.abc
        import pytest
        from abstract import Registry, Shape, Square, Stack

        def test_abstract_classes():
            with pytest.raises(TypeError, match="abstract"):
                Shape()
            assert Square(2).describe() == "Square of 4" and isinstance(Square(2), Shape)

        def test_mappings():
            r = Registry(a=1, b=2)
            assert isinstance(r, collections.abc.Mapping) and dict(r) == {"a": 1, "b": 2}
            assert sorted(r.items()) == [("a", 1), ("b", 2)] and r.get("c", 3) == 3 and "a" in r
            with pytest.raises(KeyError):
                r["c"]
            match r:
                case {"a": a}:
                    assert a == 1

        def test_subclass_of_a_list():
            s = Stack()
            s.push(1)
            s.push(2)
            assert s == [1, 2] and s.peek() == 2 and len(s) == 2 and list(s) == [1, 2] and s.pop() == 2 and s != [1, 2]
        """,
    ),
}
