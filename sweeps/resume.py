"""What of a sweep is left to do: the ledger knows, and nothing else needs to be kept."""

from collections.abc import Sequence
from pathlib import Path

from harness.ledger import Ledger
from harness.outputs import Outputs
from harness.record import Outcome
from sweeps.planned import PlannedRun

RESULTS = frozenset(outcome.value for outcome in Outcome if outcome.counts)


def finished_keys(ledger: Ledger) -> set[tuple[str, int]]:
    """Cell and replicate of every result. Only the keys are kept, however long the ledger is.

    Lines of the original instrument, which have no cell, belong to no sweep of ours.
    """
    return {
        (line["cell"], line["replicate"])
        for line in ledger.read()
        if line.get("outcome") in RESULTS and "cell" in line and "replicate" in line
    }


def left_to_do(runs: Sequence[PlannedRun]) -> list[PlannedRun]:
    """The runs without a result. A result is never rolled again; faults and interrupted runs are."""
    finished: dict[str, set[tuple[str, int]]] = {}
    for log_dir in {run.config.log_dir for run in runs}:
        outputs = Outputs(Path(log_dir))
        outputs.recover()
        finished[log_dir] = finished_keys(outputs.ledger)
    return [run for run in runs if run.key not in finished[run.config.log_dir]]
