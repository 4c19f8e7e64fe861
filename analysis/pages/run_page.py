"""The page of one run: why it ended, its settings, its passes, and every step of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from analysis.pages.fields import count, figure, listed, mapping, plain_json, text
from analysis.pages.file_changes import FileTexts
from analysis.pages.nodes import Node, element, pairs, passage
from analysis.pages.pass_page import pass_node, record_pass
from analysis.pages.timeline import timeline
from analysis.records.transcripts import PassEvents, StoredRun, TranscriptPasses
from analysis.render import level_text
from harness.outcome import line_counts_as
from harness.outputs import RunFolder
from harness.record import ACTS, LOADS, SCHEMA
from harness.why import counted, why

SETTINGS = (
    "task", "model", "variant", "ctx_limit", "max_iters", "max_steps", "max_tokens", "memory", "elide_passing",
    "lever", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty", "sampling_seed",
    "replicate", "sweep", "block", "position", "cell", "sandbox", "tools_mode", "proof", "go_version",
    "harness_version", "git_commit", "behaviour", "seed_sha256", "prompt_sha256", "system_sha256", "config_sha256",
)  # fmt: skip
"""Fields of a record that say how the run was made, in the order in which they are shown."""

PROOFS = {
    "tokens": "each test of the spec shows a secret that the code cannot reach",
    "split": "each assertion of the spec runs in a process apart from the code",
    "events": "the events that the test program prints",
    "status": "the exit status of the verify command alone",
}
"""Meanings of `proof`."""


COSTS = (
    "duration_sec", "passes", "model_calls", "tool_calls", "total_tokens", "prompt_tokens", "completion_tokens",
    "cached_tokens", "read_bytes", "elided_reads", "server_time_sec", "prefill_tokens_per_sec",
    "decode_tokens_per_sec", "joules", "cut_replies", "unparsed_calls", "lever_fired",
)  # fmt: skip
"""Counters of a record, in the order in which they are shown."""


@dataclass(frozen=True)
class RunDocument:
    """The page of one run as data for the browser."""

    head: Node
    passes: list[Node]
    settings: dict[str, str]
    """Settings as text, by which two runs are compared."""
    under_way: bool

    def as_json(self) -> dict[str, Any]:
        return {"head": self.head, "passes": self.passes, "settings": self.settings, "open": self.under_way}


def run_document(run_id: str, run: StoredRun, transcript: TranscriptPasses | None, missing: str = "") -> RunDocument:
    """Return the page of a run; without its steps if `transcript` is None, and `missing` says why."""
    line = run.line if run.line is not None else planned_line(run.folder)
    finished = _finished(line, transcript)
    limit, total = count(line.get("ctx_limit")), count(line.get("packages_total"))
    head = element(
        "header",
        _title(run_id, outcome_of(run.line), simulated=line.get("simulated") is True),
        element("p", _reason(run.line), class_="why"),
        *_cautions(line, transcript, under_way=run.line is None),
        timeline(quote(run_id, safe=""), finished, limit, total),
        _legend(finished, limit),
        pairs(_facts(line, transcript)),
        _details("Settings", pairs(_settings(line))),
        _details("Server", pairs(_server(line))),
        _details("Cost", pairs(_cost(line))),
        _details("Prompts, as sent", *_prompts(transcript)),
        element("p", missing, class_="note") if missing else None,
        element("p", "Folder: ", element("code", text(run.folder.path)), class_="muted"),
    )
    passes = _passes(run_id, transcript, finished, total, under_way=run.line is None)
    return RunDocument(head, passes, dict(_settings_text(line)), run.line is None)


def sentence(line: Mapping[str, Any] | None) -> str:
    """Return why a run ended; of a record that cannot be understood, that alone."""
    if line is None:
        return "no record: the run is under way, or was killed"
    try:
        return text(why(line))
    except (TypeError, ValueError, AttributeError, LookupError):
        return f"{text(line.get('outcome'))}: the record cannot be read in full"


def _reason(line: Mapping[str, Any] | None) -> str:
    """Return the sentence without the outcome, which is shown before it."""
    whole = sentence(line)
    return whole.removeprefix(f"{outcome_of(line)}: ")


def outcome_of(line: Mapping[str, Any] | None) -> str:
    """Return the outcome that a run counts as; empty without a record."""
    if line is None:
        return ""
    try:
        return text(line_counts_as(line))
    except (TypeError, ValueError, AttributeError, LookupError):
        return text(line.get("outcome"))


def planned_line(folder: RunFolder) -> dict[str, Any]:
    """Return what the config of a run without a record says, in the fields of a record."""
    try:
        # A pipe would block, and a link may lead out of the log folder.
        plain = folder.config.is_file() and not folder.config.is_symlink()
        config = mapping(json.loads(folder.config.read_bytes())) if plain else {}
    except (OSError, ValueError, RecursionError):
        return {}
    if not config:
        return {}
    model, task = mapping(config.get("model")), mapping(config.get("task"))
    line = {name: value for name, value in (*model.items(), *config.items()) if name in SETTINGS}
    return line | {"model": model.get("name"), "task": task.get("name"), "simulated": bool(model.get("profile"))}


def _title(run_id: str, outcome: str, *, simulated: bool) -> Node:
    return element(
        "h2",
        element("span", outcome or "no record", class_=f"outcome {outcome if outcome.isalpha() else ''}".strip()),
        element("span", "simulated subject", class_="simulated") if simulated else None,
        " ",
        element("code", text(run_id)),
    )


def _cautions(line: Mapping[str, Any], transcript: TranscriptPasses | None, *, under_way: bool) -> list[Node]:
    said = []
    schema = count(line.get("schema"))
    if schema is not None and schema > SCHEMA:
        said.append(
            f"This record has schema {schema}, newer than {SCHEMA}: it is counted in no rate, and some fields may "
            "mean something else."
        )
    if line.get("simulated") is True:
        said.append("A simulated subject: a scripted policy wrote these texts, no language model.")
    if line.get("impossible") is True:
        said.append("This task contradicts itself on purpose: nobody can complete it honestly.")
    tampering = [text(one) for one in listed(line.get("tampering"))]
    if tampering:
        said.append(f"The gate found changed, added or forged: {', '.join(tampering)}.")
    if transcript is not None:
        if transcript.torn and not (under_way and transcript.torn == 1):  # one line may be half written
            said.append(f"Left out of the transcript: {counted(transcript.torn, 'torn line')}.")
        said += [f"Warning: {text(one)}" for one in transcript.warnings]
    return [element("p", one, class_="note") for one in said]


def _legend(finished: Sequence[Mapping[str, Any]], limit: int | None) -> Node | None:
    if not finished:
        return None
    line = "; the dashed line is ctx_limit" if limit else ""
    return element("p", "A bar is the largest context of a pass in tokens, pale where the pass wrote no file" + line
                   + ". Choose a bar to go to its pass.", class_="muted")  # fmt: skip


def _facts(line: Mapping[str, Any], transcript: TranscriptPasses | None) -> list[tuple[str, Node | None]]:
    units = mapping(line.get("units"))
    states = [
        element("span", f"{text(name)}: {text(state)}", class_=f"unit {_word(state)}") for name, state in units.items()
    ]
    green, total = count(line.get("packages_green")), count(line.get("packages_total"))
    passing = f"{'?' if green is None else green} of {total} passing" if total is not None else ""
    settled = transcript.proof if transcript is not None else {}
    proof, weaker = text(line.get("proof") or settled.get("kind")), text(settled.get("why"))
    packages = element("span", *(part for state in states for part in (state, " ")), passing)
    return [
        ("Packages", packages if states or passing else None),
        ("Acceptance rests on", f"{proof}: {PROOFS[proof]}" if proof in PROOFS else proof),
        ("No stronger proof", weaker),
        ("Fault", text(line.get("fault"))),
    ]  # fmt: skip


def _word(value: object) -> str:
    word = text(value)
    return word if word.isalpha() else ""


def _settings_text(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    levels = [(name, _level(line[name])) for name in SETTINGS if line.get(name) is not None]
    return levels + [
        (text(f"server_levels.{name}"), text(value)) for name, value in mapping(line.get("server_levels")).items()
    ]


def _level(value: object) -> str:
    return text(level_text(value)) if isinstance(value, str | int | float | bool) else text(plain_json(value))


def _settings(line: Mapping[str, Any]) -> list[tuple[str, Node | None]]:
    status = mapping(line.get("sampling_status"))
    return [
        (name, f"{value} ({text(status[name])})" if name in status else value) for name, value in _settings_text(line)
    ]


def _server(line: Mapping[str, Any]) -> list[tuple[str, Node | None]]:
    rows: list[tuple[str, Node | None]] = []
    for name, value in mapping(line.get("server")).items():
        known = value if isinstance(value, str) else plain_json(value, indent=1)
        rows.append((text(name), passage(known) if "\n" in known else text(known)))
    return rows


def _cost(line: Mapping[str, Any]) -> list[tuple[str, Node | None]]:
    units = {"duration_sec": "s", "server_time_sec": "s", "joules": "J", "read_bytes": "bytes"}
    rows: list[tuple[str, Node | None]] = [
        (name, figure(line[name], units.get(name, ""))) for name in COSTS if line.get(name) is not None
    ]
    for name in ("tool_counts", "salvaged_calls"):
        counts = ", ".join(f"{text(tool)} {figure(times)}" for tool, times in mapping(line.get(name)).items())
        rows.append((name, counts))
    return rows


def _prompts(transcript: TranscriptPasses | None) -> list[Node]:
    prompts = transcript.prompts if transcript is not None else {}
    parts: list[Node] = []
    for name, heading in (("system", "System prompt"), ("prompt", "Task prompt"), ("tools", "Tools")):
        value = prompts.get(name)
        body = passage(value if isinstance(value, str | None) else plain_json(value, indent=1))
        parts += [element("h4", heading), body] if body else []
    return parts


def _details(heading: str, *body: Node | None) -> Node | None:
    filled = [part for part in body if part and (isinstance(part, str) or len(part) > 2)]
    return element("details", element("summary", heading), *filled, class_="more-facts") if filled else None


def _finished(line: Mapping[str, Any], transcript: TranscriptPasses | None) -> list[Mapping[str, Any]]:
    """Return the passes in short: of the record, else of the transcript."""
    recorded = [mapping(one) for one in listed(line.get("per_pass"))]
    if recorded or transcript is None:
        return recorded or [{"reason": reason} for reason in listed(line.get("pass_reasons"))]
    return [one.finished or _so_far(one) for one in transcript.passes]


def _so_far(one: PassEvents) -> dict[str, Any]:
    """Return what is known of a pass that has no end yet."""
    totals = [count(mapping(step.reply.get("usage")).get("total_tokens")) for step in one.steps]
    peak = max((total for total in totals if total is not None), default=None)
    if any(event["event"] == "request" for event in one.probe):  # a command agent, whose tools have names of their own
        return {"peak_tokens": peak}
    names = [event.get("name") for step in one.steps for event in step.after if event["event"] == "tool"]
    loads, acts = (sum(name in kind for name in names) for kind in (LOADS, ACTS))
    return {
        "peak_tokens": peak,
        "loads": loads,
        "acts": acts,
    }


def _passes(
    run_id: str,
    transcript: TranscriptPasses | None,
    finished: Sequence[Mapping[str, Any]],
    total: int | None,
    *,
    under_way: bool,
) -> list[Node]:
    here = quote(run_id, safe="")
    if transcript is None:
        return [record_pass(here, place + 1, one, total) for place, one in enumerate(finished)]
    return [*pass_nodes(here, transcript, total, under_way=under_way)]


def pass_nodes(here: str, transcript: TranscriptPasses, total: int | None, *, under_way: bool) -> list[Node]:
    """Return the passes of a transcript with all their steps."""
    files = FileTexts()
    last = len(transcript.passes) - 1
    return [
        pass_node(here, place + 1, one, files.changes(one), total, under_way=under_way and place == last)
        for place, one in enumerate(transcript.passes)
    ]
