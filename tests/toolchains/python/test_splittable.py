"""What cannot be split is found in the source of a spec, with its line and its reason."""

import pytest
from toolchains.python.features_of_flow import PAIRS as FLOW
from toolchains.python.features_of_objects import PAIRS as OBJECTS
from toolchains.python.features_of_values import PAIRS as VALUES

from harness.toolchains.python.splittable import splittable, why_not_by_arguments

UNFIT = {
    "import shop\nclass Own(shop.Cart): pass\n": "test_a.py:2: a class derives from shop.Cart, a class of the code",
    "from shop import Cart\nclass Own(Cart): pass\n": "test_a.py:2: a class derives from Cart, a class of the code",
    "from unittest import mock\n@mock.patch('time.sleep')\ndef test(s): pass\n": "test_a.py:2: time.sleep is patched",
    "def test(monkeypatch):\n    monkeypatch.setattr('builtins.input', str)\n": "test_a.py:2: builtins.input is",
    "import time\ndef test(monkeypatch): monkeypatch.setattr(time, 'sleep', print)\n": "test_a.py:2: time is patched",
    "import pickle\n": "test_a.py:1: pickle would store objects",
    "from subprocess import run\n": "test_a.py:1: subprocess starts processes",
}


@pytest.mark.parametrize("source", list(UNFIT))
def test_what_cannot_be_split_is_named_with_its_line(source: str) -> None:
    """Each reason names file and line."""
    [reason] = splittable({"test_a.py": source.encode()})
    assert reason.startswith(UNFIT[source])


@pytest.mark.parametrize("name", [*OBJECTS, *FLOW, *VALUES])
def test_honest_specs_have_no_such_reason(name: str) -> None:
    """Specs that are verified apart from the code are not turned away, those that patch its modules included."""
    source = (OBJECTS | FLOW | VALUES)[name][1]
    lines = [line.removeprefix(" " * 8) for line in source.splitlines()]
    assert [] == splittable({f"test_{name}.py": "\n".join(lines).encode()})


def test_arguments_that_load_code_are_named() -> None:
    """Flags that choose tests or show more are fine, those that load code are not."""
    assert [] == why_not_by_arguments(["-q", "tests", "-k", "a", "--tb=short", "-rA"])
    assert ["the argument -p of pytest may load or run code of the workspace"] == why_not_by_arguments(["-p", "evil"])
