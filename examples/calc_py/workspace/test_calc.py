import pytest

from calc import evaluate


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        ("7", 7),
        ("1 + 2", 3),
        ("8 - 3 - 2", 3),
        ("2 + 3 * 4", 14),
        ("12 / 4 / 3", 1),
        ("(2 + 3) * 4", 20),
        ("((1)) + (2 * (3 + 1))", 9),
        ("10 - (2 - (3 - 1))", 10),
        ("1 - 2 * 3 + 8 / 4", -3),
        ("-3", -3),
        ("2 * -3", -6),
        ("-(1 + 2) - --1", -4),
        ("2.5 * 2 + 0.25", 5.25),
        ("\t 1+ 1 ", 2),
    ],
)
def test_evaluate(expr: str, value: float) -> None:
    assert evaluate(expr) == pytest.approx(value, abs=1e-9)


def test_errors() -> None:
    for expr in ["", " ", "1 +", "* 2", "(1", "1)", "()", "1 2", "2 $ 3", "1.2.3", "(1 + 2", "3 -* 4", "x"]:
        with pytest.raises(ValueError):
            evaluate(expr)
    for expr in ["1 / 0", "4 / (2 - 2)"]:
        with pytest.raises(ZeroDivisionError):
            evaluate(expr)
