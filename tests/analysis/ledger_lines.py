"""Lines of ledgers, and the types of the fixtures that write and question them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Line = dict[str, Any]
WriteLedger = Callable[..., Path]
Ask = Callable[..., tuple[int, str, str]]


def line(run_id: str | None, **given: Any) -> Line:
    """A line of the ledger; without a run_id, one as the original wrote it."""
    own = {
        "time": "2026-06-06T14:00:00+02:00",
        "model": "small-model",
        "task": "examples/apikit/PROMPT.md",
        "memory": True,
        "elide_passing": True,
        "outcome": "stagnated",
        "passes": 4,
        "ctx_limit": 11000,
        "max_iters": 25,
        "read_bytes": 92000,
        "elided_reads": 0,
        "tool_counts": {"read_file": 30, "list_dir": 6, "write_file": 3},
        "pass_reasons": ["context"] * 4,
    }
    ours = {
        "schema": 1,
        "run_id": run_id,
        "cell": f"cell-{given.get('ctx_limit')}",
        "simulated": False,
        "lever": "none",
    }
    return own | (ours if run_id is not None else {}) | given
