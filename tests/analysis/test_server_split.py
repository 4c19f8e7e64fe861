"""A server that changed is another experiment."""

import json
from pathlib import Path
from typing import Any

from analysis.records.groups import group
from analysis.records.pool import RunPool


def line(number: int, **fingerprint: str) -> dict[str, Any]:
    """A result of one cell, made with a server of this fingerprint."""
    return {
        "run_id": f"r{number}", "cell": "c", "replicate": number, "time": "2026-01-01T00:00:00+00:00", "model": "m",
        "task": "t", "outcome": "completed", "passes": 1, "variant": "q4", "server_levels": {"kv": "f16"},
        "server": {"fingerprint": fingerprint},
    }  # fmt: skip


def counts(folder: Path, *lines: dict[str, Any]) -> list[int]:
    """Runs in each row of a table by variant."""
    ledger = folder / "runs.jsonl"
    ledger.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return [found.runs for found in group(RunPool.read([ledger]).cells(), ["variant"])]


def test_a_changed_server_makes_rows_of_its_own(tmp_path: Path) -> None:
    """Weights, quantisation, template and build split the runs of one cell; what is unknown splits nothing."""
    for name in ("weights_sha256", "quant", "template_sha256", "version"):
        assert [1, 2] == sorted(counts(tmp_path, *(line(n, **{name: value}) for n, value in enumerate("aab"))))
    assert [2] == counts(tmp_path, line(1, version="1"), line(2, version="1"))
