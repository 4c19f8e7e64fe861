"""Honest code and its spec, one pair for each kind of value and surroundings that crosses."""

PAIRS = {
    "values": (
        """
        import datetime as dt, decimal, fractions, pathlib, re, uuid
        from collections import Counter, OrderedDict, defaultdict, deque
        def same(x): return x
        def make():
            return {
                "fraction": fractions.Fraction(1, 3), "decimal": decimal.Decimal("1.10"),
                "moment": dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.timezone.utc), "date": dt.date(2020, 1, 2),
                "time": dt.time(1, 2), "delta": dt.timedelta(days=1, seconds=2), "counter": Counter("aab"),
                "path": pathlib.Path("a/b"), "uuid": uuid.UUID(int=5), "bytes": b"\\x00\\xff",
                "array": bytearray(b"ab"), "set": {1, 2}, "frozen": frozenset([1]), "range": range(1, 5, 2),
                "deque": deque([1, 2], maxlen=3), "ordered": OrderedDict(a=1), "big": 10 ** 5000,
                "complex": 1 + 2j, "pattern": re.compile("a+", re.I), "none": None, "infinity": float("inf"),
                "half": "\\ud800", ("a", 1): ...,
            }
        def grouped(words):
            found = defaultdict(list)
            for word in words: found[len(word)].append(word)
            return found
        def sort(items): items.sort()
        def update(mapping): mapping["x"] = [1]; mapping["x"].append(2)
        class Box:
            def __init__(self, items): self.items = items
            def add(self, item): self.items.append(item)
            def own(self): return self.items
            def copied(self): return list(self.items)
        def nan(): return float("nan")
        def nested(depth):
            value = []
            for _ in range(depth): value = [value]
            return value
        """,
        """
        import datetime as dt, decimal, fractions, math, pathlib, re, uuid
        from collections import Counter, OrderedDict, deque
        import pytest
        from values import Box, grouped, make, nan, nested, same, sort, update

        def test_values_cross_with_their_types():
            made = make()
            assert made["fraction"] == fractions.Fraction(1, 3) and made["decimal"] == decimal.Decimal("1.10")
            assert str(made["decimal"]) == "1.10"
            assert made["moment"] == dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.timezone.utc)
            assert made["date"] == dt.date(2020, 1, 2) and made["time"] == dt.time(1, 2)
            assert made["delta"] == dt.timedelta(days=1, seconds=2) and made["counter"] == Counter("aab")
            assert made["counter"].most_common(1) == [("a", 2)]
            assert made["path"] == pathlib.Path("a/b") and made["uuid"] == uuid.UUID(int=5)
            assert made["bytes"] == b"\\x00\\xff" and made["array"] == bytearray(b"ab") and made["set"] == {1, 2}
            assert made["frozen"] == frozenset([1]) and made["range"] == range(1, 5, 2)
            assert list(made["range"]) == [1, 3]
            assert made["deque"] == deque([1, 2]) and made["deque"].maxlen == 3
            assert made["ordered"] == OrderedDict(a=1) and type(made["ordered"]) is OrderedDict
            assert made["big"] == 10 ** 5000 and made["complex"] == 1 + 2j and made["none"] is None
            assert made["pattern"] == re.compile("a+", re.I) and made["pattern"].match("AAB")
            assert made["infinity"] == math.inf and made["half"] == "\\ud800" and made["a", 1] is ...
            assert math.isnan(nan()) and nan() != nan()
            assert {type(value) for value in made.values()} >= {bytearray, deque, Counter, int, set}

        def test_values_return_as_they_were():
            for value in [1, -1, True, None, "é", b"", (), (1,), [], {}, set(), slice(1, 2), 1.5, -0.0, 2 ** 70]:
                assert same(value) == value and type(same(value)) is type(value)
            marker = object()
            items = [1]
            assert same(marker) is marker and same(items) is items and same(len) is len and same(int) is int

        def test_mutable_values_are_one():
            items = [3, 1, 2]
            sort(items)
            assert items == [1, 2, 3]
            mapping = {}
            update(mapping)
            assert mapping == {"x": [1, 2]}
            box = Box(items)
            box.add(9)
            assert items == [1, 2, 3, 9]
            items.append(10)
            assert box.own() == [1, 2, 3, 9, 10] and box.own() is items
            box.own().append(11)
            assert box.items[-1] == 11
            box.copied().append(12)
            assert box.items[-1] == 11
            box.items += [13]
            assert items[-1] == 13
            box.items[0] = "first"
            assert box.own()[0] == "first"

        def test_defaults_and_approximations():
            found = grouped(["a", "bb", "c"])
            assert found == {1: ["a", "c"], 2: ["bb"]} and found[7] == []
            assert 0.1 + same(0.2) == pytest.approx(0.3) and [same(0.1 + 0.2)] == [pytest.approx(0.3)]

        def test_deep_values():
            value = nested(400)
            for _ in range(400):
                value = value[0]
            assert len(value) == 0
        """,
    ),
    "surroundings": (
        """
        import logging, os, random, sys, warnings
        def speak(text): print(text)
        def shout(text): print(text, file=sys.stderr)
        def ask(): return input("name? ")
        def old(): warnings.warn("old", DeprecationWarning); return 1
        def log(text): logging.getLogger("app").warning(text)
        def save(path, text):
            with open(path, "w") as file: file.write(text)
        def load(path):
            with open(path) as file: return file.read()
        def home(): return os.environ["APP_HOME"]
        def listing(): return sorted(os.listdir())
        def roll(): return random.random()
        def arguments(): return sys.argv[1:]
        def environment(): return dict(os.environ)
        LIMIT = 10
        def limit(): return LIMIT
        def helper(): return "real"
        def use(): return helper()
        def fetch(): return os.getpid()
        class Service:
            def name(self): return "real"
        def service(): return Service().name()
        """,
        """
        import contextlib, io, random, sys, tempfile, threading, unittest
        from unittest import mock
        import pytest
        import surroundings

        def test_output(capsys):
            surroundings.speak("hello")
            surroundings.shout("error")
            out, err = capsys.readouterr()
            assert (out, err) == ("hello\\n", "error\\n")
            with contextlib.redirect_stdout(io.StringIO()) as caught:
                surroundings.speak("x")
            assert caught.getvalue() == "x\\n"

        def test_input(monkeypatch, capsys):
            monkeypatch.setattr("sys.stdin", io.StringIO("bob\\n"))
            assert surroundings.ask() == "bob"

        def test_warnings_and_logs(caplog):
            with pytest.warns(DeprecationWarning, match="old"):
                assert surroundings.old() == 1
            surroundings.log("careful")
            assert "careful" in caplog.text

        def test_files(tmp_path, tmpdir):
            surroundings.save(tmp_path / "a.txt", "x")
            assert (tmp_path / "a.txt").read_text() == "x"
            (tmp_path / "b.txt").write_text("y")
            assert surroundings.load(str(tmp_path / "b.txt")) == "y"
            with tempfile.TemporaryDirectory() as folder:
                surroundings.save(f"{folder}/c", "z")
                assert surroundings.load(f"{folder}/c") == "z"

        def test_environment_and_folder(monkeypatch, tmp_path):
            monkeypatch.setenv("APP_HOME", "/app")
            assert surroundings.home() == "/app"
            monkeypatch.chdir(tmp_path)
            (tmp_path / "here").write_text("")
            assert surroundings.listing() == ["here"]
            monkeypatch.setattr(sys, "argv", ["prog", "-v"])
            assert surroundings.arguments() == ["-v"]

        def test_the_name_of_the_test_is_not_passed_on():
            assert not any("test_the_name" in value for value in surroundings.environment().values())

        def test_a_seed():
            random.seed(5)
            one = surroundings.roll()
            random.seed(5)
            assert surroundings.roll() == one == random.Random(5).random()

        def test_patches_of_modules(monkeypatch):
            monkeypatch.setattr(surroundings, "LIMIT", 3)
            assert surroundings.limit() == 3
            monkeypatch.setattr(surroundings, "helper", lambda: "fake")
            assert surroundings.use() == "fake"
            monkeypatch.setattr(surroundings.Service, "name", lambda self: "fake")
            assert surroundings.service() == "fake"
            monkeypatch.undo()
            assert (surroundings.limit(), surroundings.use(), surroundings.service()) == (10, "real", "real")
            with mock.patch("surroundings.helper", return_value="mock") as helper:
                assert surroundings.use() == "mock"
            helper.assert_called_once_with()
            with mock.patch.object(surroundings.Service, "name", return_value="m"):
                assert surroundings.service() == "m"
            assert (surroundings.use(), surroundings.service()) == ("real", "real")

        def test_threads_of_the_spec():
            results = []
            threads = [threading.Thread(target=lambda: results.append(surroundings.limit())) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert results == [10] * 8

        class TestCase(unittest.TestCase):
            def setUp(self):
                self.service = surroundings.Service()
            def test_it(self):
                self.assertEqual(self.service.name(), "real")
                with self.assertRaises(KeyError):
                    surroundings.home()
                for i in range(2):
                    with self.subTest(i=i):
                        self.assertEqual(surroundings.limit(), 10)
        """,
    ),
    "locks": (
        """
        import threading
        class Counter:
            def __init__(self): self.value = 0; self._lock = threading.Lock()
            def increment(self):
                with self._lock: self.value += 1
        def run_all(functions):
            threads = [threading.Thread(target=function) for function in functions]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        """,
        """
        import threading
        from locks import Counter, run_all

        def test_counting_in_threads_of_the_spec():
            counter = Counter()
            def work():
                for _ in range(20): counter.increment()
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            assert counter.value == 80

        def test_threads_of_the_code_that_call_back():
            seen = []
            run_all([lambda i=i: seen.append(i) for i in range(5)])
            assert sorted(seen) == [0, 1, 2, 3, 4]
        """,
    ),
}
