"""Every feature of the language that honest specs use crosses between the two sides."""

import re
import textwrap
from collections.abc import Iterator

import pytest
from toolchains.python import features_of_coroutines, features_of_flow, features_of_objects, features_of_values
from toolchains.python.conftest import verifier

from harness.gate.verdict import Verdict

PAIRS = features_of_objects.PAIRS | features_of_flow.PAIRS | features_of_values.PAIRS | features_of_coroutines.PAIRS
PACKAGE = {
    "shop/__init__.py": "from .cart import Cart\nfrom . import prices\n__all__ = ['Cart', 'prices']\nVERSION = '1'\n",
    "shop/cart.py": """
    from .prices import price
    from .deep.rules import discount
    class Cart:
        def __init__(self): self.items = []
        def total(self): return sum(map(price, self.items)) - discount(self.items)
    """,
    "shop/prices.py": "TABLE = {'a': 3}\ndef price(name): return TABLE[name]\n",
    "shop/deep/__init__.py": "",
    "shop/deep/rules.py": "def discount(items): return len(items) // 2\n",
    "tests/conftest.py": """
    import pytest
    from shop import Cart

    @pytest.fixture
    def cart():
        cart = Cart()
        cart.items.append("a")
        yield cart
        cart.items.clear()

    @pytest.fixture(scope="module", params=[1, 2])
    def number(request):
        return request.param
    """,
    "tests/data/expected.txt": "3",
    "tests/helpers.py": "from shop.prices import price\n\ndef check(name, value):\n    assert price(name) == value\n",
    "tests/test_packages.py": """
    import importlib, pathlib
    import pytest
    import shop, shop.cart, shop.deep.rules as rules
    from shop import *
    from helpers import check
    DATA = pathlib.Path(__file__).parent / "data"

    def test_imports(cart, number):
        assert cart.total() == int((DATA / "expected.txt").read_text()) and shop.VERSION == "1"
        assert Cart is shop.Cart is shop.cart.Cart and prices.price("a") == 3
        assert rules.discount([1] * number) == number // 2
        assert importlib.import_module("shop.prices") is prices
        assert shop.__name__ == "shop" and shop.cart.__name__ == "shop.cart"
        check("a", 3)

    def test_missing_modules():
        with pytest.raises(ImportError):
            import shop.nothing
        with pytest.raises(ImportError):
            from shop import nothing

    @pytest.mark.skip(reason="not yet")
    def test_skipped():
        assert False

    @pytest.mark.xfail(reason="known")
    def test_known():
        assert prices.price("a") == 4

    class TestGroup:
        @pytest.mark.parametrize("name", ["a"])
        def test_in_a_class(self, name, cart):
            assert cart.items == [name]
    """,
}


def _files() -> dict[str, str]:
    pairs = {f"{name}.py": code for name, (code, _) in PAIRS.items()}
    return pairs | {f"test_{name}.py": spec for name, (_, spec) in PAIRS.items()} | PACKAGE


def _tests() -> Iterator[tuple[str, str]]:
    specs = {path: text for path, text in _files().items() if "test_" in path}
    for path, text in specs.items():
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", textwrap.dedent(text), re.MULTILINE):
            yield path, name


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    return verifier(tmp_path_factory.mktemp("features"), _files()).verify()


@pytest.mark.parametrize(("path", "test"), list(_tests()))
def test_a_feature_crosses(verdict: Verdict, path: str, test: str) -> None:
    """The honest test of a spec does not fail."""
    assert not re.search(rf"^(FAILED|ERROR) {path}\S*{test}\b.*", verdict.feedback, re.MULTILINE)


def test_everything_is_accepted(verdict: Verdict) -> None:
    """The whole of it is accepted, with every test file green, and the skip of the spec's own known."""
    assert (True, "") == (verdict.accepted, verdict.feedback)
    assert {"tests/test_packages.py", *(f"test_{name}.py" for name in PAIRS)} == verdict.green
    assert {"tests/test_packages.py.test_skipped"} == {str(skip) for skip in verdict.skips or ()}
