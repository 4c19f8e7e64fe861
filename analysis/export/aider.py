"""Rows in the shape of Aider's leaderboard file, with what is known of our runs, and what is not left null.

The shape is that of `aider/website/_data/polyglot_leaderboard.yml` in Aider's repository.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import yaml

from analysis.records.pool import RunPool
from analysis.records.task_sets import SEEN_IN_TRAINING, SetArm, TaskSet, task_sets
from analysis.stats.clustered import clustered_rate, run_to_run
from harness.outcome import Outcome

MEASURES = ("started", "outcome", "replicate", "duration_sec", "prompt_tokens", "completion_tokens", "usage_estimated")
VERSIONS = ("harness_version", "git_commit", "task_public")

HEAD = (
    "Rows in the shape of Aider's polyglot_leaderboard.yml, made by harness-sweeps. They are no results of Aider: the",
    "agent, its limits and its tools are others, and a set is one language. null: not known here, never 0.",
)

NO_TRIES = "Aider's first of two tries; here the agent runs the tests itself, within its limits"
NOT_COUNTED = "not counted here"


@dataclass(frozen=True)
class _Field:
    """One line of a row."""

    name: str
    value: Any
    comment: str = ""


@dataclass(frozen=True)
class _Run:
    """One run of an arm."""

    values: dict[str, Any]

    @property
    def counts(self) -> bool:
        return Outcome(self.values["outcome"]).counts

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def aider_rows(pool: RunPool, by: Sequence[str]) -> str:
    """Return one row for each set and arm, as YAML. Of a pool read with measures and what `task_sets` needs.

    Raises AnalysisError where nothing has a result.
    """
    sets = task_sets(pool.cells(), by)
    runs: dict[tuple[Any, ...], list[_Run]] = {}
    for row in pool.rows(*pool.names, *MEASURES, *VERSIONS, results=False):
        levels, values = row[: len(pool.names)], row[len(pool.names) :]
        runs.setdefault(tuple(levels), []).append(_Run(dict(zip((*MEASURES, *VERSIONS), values, strict=True))))
    rows = [
        _row(one, arm, {key: _of(runs, task.cells) for key, task in arm.tasks.items()})
        for one in sets
        for arm in one.arms
        if arm.counts
    ]
    return "\n".join([*(f"# {line}" for line in HEAD), *rows])


def _of(runs: dict[tuple[Any, ...], list[_Run]], cells: Iterable[Any]) -> list[_Run]:
    return [run for cell in cells for run in runs.get(tuple(cell.levels.values()), [])]


def _row(one: TaskSet, arm: SetArm, by_task: dict[Any, list[_Run]]) -> str:
    runs = [run for task in by_task.values() for run in task]
    public = any(run["task_public"] for run in runs)
    head = [f"# public set: {SEEN_IN_TRAINING}"] if public else []
    if one.levels["simulated"]:
        head.append("# simulated subject: a scripted policy, not a language model")
    lines = [_line(field) for field in _aider_fields(one, arm, runs)]
    own = [_line(field) for field in _own_fields(one, arm, by_task, public=public)]
    return "\n".join(
        [
            *head,
            "- " + lines[0],
            *("  " + line for line in lines[1:]),
            "  harness_sweeps:",
            *("    " + line for line in own),
        ]
    )


def _aider_fields(one: TaskSet, arm: SetArm, runs: Sequence[_Run]) -> list[_Field]:
    """The fields of Aider, in its order."""
    results = [run for run in runs if run.counts]
    mean = clustered_rate(arm.counts)
    low, high = (100 * bound for bound in mean.interval)
    most = max(n for _, n in arm.counts)
    began = min((run["started"] for run in results if run["started"] is not None), default=None)
    when = None if began is None else datetime.fromtimestamp(began / 1e6, tz=UTC)
    model = str(arm.levels["model"])
    name = str(one.levels["task_set"] or "tasks").replace("/", "-")
    seconds = _mean(run["duration_sec"] for run in results)
    return [
        _Field("dirname", f"{when:%Y-%m-%d-%H-%M-%S}--{name}-{arm.label}" if when else None),
        _Field("test_cases", len(arm.counts), "tasks with a result"),
        _Field("model", f"simulated: {model}" if one.levels["simulated"] else model),
        _Field("edit_format", None, "none: the agent edits with tools"),
        _Field(
            "commit_hash",
            _listed(_short(run["git_commit"]) for run in results),
            "of harness-sweeps; git_dirty of each run says whether it was changed",
        ),
        _Field("pass_rate_1", None, NO_TRIES),
        _Field("pass_rate_2", round(100 * mean.estimate, 1), f"95% for tasks like these: {low:.1f} to {high:.1f}"),
        _Field("pass_num_1", None, NO_TRIES),
        _Field(
            "pass_num_2",
            sum(k for k, _ in arm.counts) if most == 1 else None,
            "" if most == 1 else "several runs a task: pass_rate_2 is their mean",
        ),
        _Field("percent_cases_well_formed", None, NOT_COUNTED),
        _Field("error_outputs", None, NOT_COUNTED),
        _Field("num_malformed_responses", None, NOT_COUNTED),
        _Field("num_with_malformed_responses", None, NOT_COUNTED),
        _Field("user_asks", None, NOT_COUNTED),
        _Field("lazy_comments", None, NOT_COUNTED),
        _Field("syntax_errors", None, NOT_COUNTED),
        _Field("indentation_errors", None, NOT_COUNTED),
        _Field("exhausted_context_windows", None, NOT_COUNTED),
        _Field("prompt_tokens", _sum(results, "prompt_tokens"), "of all runs"),
        _Field("completion_tokens", _sum(results, "completion_tokens"), "of all runs"),
        _Field("test_timeouts", None, NOT_COUNTED),
        _Field("total_tests", len(arm.tasks), "tasks that were tried"),
        _Field("command", None, "in the config of each run"),
        _Field("date", f"{when:%Y-%m-%d}" if when else None),
        _Field(
            "versions",
            _listed(f"harness-sweeps {run['harness_version']}" if run["harness_version"] else None for run in results),
        ),
        _Field("seconds_per_case", None if seconds is None else round(seconds, 1), "mean of the runs"),
        _Field("total_cost", None, "no prices are known here"),
    ]


def _own_fields(one: TaskSet, arm: SetArm, by_task: dict[Any, list[_Run]], *, public: bool) -> list[_Field]:
    """Return the facts by which a reader judges the row."""
    counts, runs = arm.counts, [run for task in by_task.values() for run in task]
    mean, deviation = clustered_rate(counts), run_to_run(counts)
    least, most = min(n for _, n in counts), max(n for _, n in counts)
    outcomes = [str(run["outcome"]) for run in runs]
    levels = {name: value for name, value in arm.levels.items() if name != "model"}
    return [
        _Field("simulated", bool(one.levels["simulated"])),
        _Field("task_set", one.levels["task_set"]),
        _Field("public_set", public or None, SEEN_IN_TRAINING if public else "nothing says so"),
        _Field("toolchain", one.levels["toolchain"]),
        _Field("proof", one.levels["proof"], "what an acceptance rests on"),
        _Field("arm", levels),
        _Field("runs", sum(n for _, n in counts)),
        _Field("runs_per_case", least if least == most else [least, most], "" if least == most else "least, most"),
        _Field("pass_rate_interval", [round(100 * bound, 1) for bound in mean.interval], "95%, Korn and Graubard 1998"),
        _Field(
            "run_to_run_deviation",
            None if deviation is None else round(100 * deviation, 1),
            "unknown: a task has one run only" if deviation is None else "of a pass rate with one run a task",
        ),
        _Field("pass_rates_by_replicate", _by_replicate(by_task), "of those that hold a result of every task"),
        _Field("faults", outcomes.count(Outcome.FAULT), "in no rate"),
        _Field("interrupted", outcomes.count(Outcome.INTERRUPTED), "in no rate"),
        _Field("cases_without_result", len(one.tasks) - len(counts)),
        _Field("usage_estimated", any(run["usage_estimated"] for run in runs if run.counts) or None),
    ]


def _by_replicate(by_task: dict[Any, list[_Run]]) -> list[float]:
    """Return the pass rate of each replicate that has just one result of every task."""
    rates = []
    for number in sorted(
        {run["replicate"] for task in by_task.values() for run in task if run["replicate"] is not None}
    ):
        each = [[run for run in task if run.counts and run["replicate"] == number] for task in by_task.values()]
        if all(len(task) == 1 for task in each):
            rates.append(round(100 * fmean(task[0]["outcome"] == Outcome.COMPLETED for task in each), 1))
    return rates


def _line(field: _Field) -> str:
    """Return a line of YAML: a value in flow style and ASCII, so that no text leaves its line."""
    dumped = _flow(field.value)
    # Quotes of the other kind keep line breaks as they are.
    dumped = _flow(field.value, '"') if "\n" in dumped else dumped
    return f"{field.name}: {dumped[1:-1]}" + (f"  # {field.comment}" if field.comment else "")


def _flow(value: Any, quotes: str | None = None) -> str:
    options: dict[str, Any] = {"default_flow_style": True, "width": 10**9, "sort_keys": False}
    return str(yaml.safe_dump([value], default_style=quotes, **options)).strip()


def _listed(values: Iterable[str | None]) -> str | None:
    """Return the values that occur, with commas, as Aider lists them; None where none is known."""
    return ", ".join(sorted({value for value in values if value is not None})) or None


def _short(commit: str | None) -> str | None:
    return None if commit is None else commit[:7]


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of values of which each is known; None otherwise."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return fmean(known) if known and len(known) == len(listed) else None


def _sum(runs: Sequence[_Run], name: str) -> int | None:
    values = [run[name] for run in runs]
    return None if any(value is None for value in values) else sum(values)
