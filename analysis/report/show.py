"""One run printed for a terminal: settings, why it ended, its passes, and each of their steps."""

import json
from collections.abc import Iterator
from typing import Any

from analysis.records.transcripts import Event, PassEvents, StepEvents, StoredRun, TranscriptPasses
from analysis.render import level_text, printable
from harness.why import counted, why

FOLD = 12
"""Lines of a text that are printed unless all of it is wanted."""
WIDEST = 2000
"""Characters of one line that are printed unless all of it is wanted."""

SETTINGS = ("ctx_limit", "max_iters", "max_steps", "memory", "elide_passing", "lever", "variant", "sampling_seed")


def run_text(run: StoredRun, *, passes: frozenset[int] = frozenset(), full: bool = False) -> str:
    """Return the run as text; of some passes alone if any are named, and with folded texts unless `full`."""
    transcript = run.transcript
    return "\n".join([*_head(run, transcript), *_body(transcript, passes, full)])


def _head(run: StoredRun, transcript: TranscriptPasses | None) -> Iterator[str]:
    line = run.line
    yield f"run      {run.folder.run_id}"
    if line is None:
        yield "record   none: the run is under way, or was killed"
    else:
        simulated = "  (simulated)" if line.get("simulated") else ""
        yield f"model    {printable(line.get('model'))}{simulated}"
        yield f"task     {printable(line.get('task'))}"
        yield f"why      {printable(why(line))}"
        levels = {name: level_text(line[name]) for name in SETTINGS if line.get(name) is not None}
        yield f"settings {'  '.join(f'{name}={printable(text)}' for name, text in levels.items())}"
        units = line.get("units") or {}
        if units:
            yield f"packages {'  '.join(f'{printable(name)}: {printable(state)}' for name, state in units.items())}"
        yield f"cost     {_cost(line)}"
        server = {name: value for name, value in (line.get("server") or {}).items() if isinstance(value, str)}
        if server:
            yield f"server   {'  '.join(f'{printable(name)}={printable(value)}' for name, value in server.items())}"
    yield f"folder   {run.folder.path if run.folder.path.is_dir() else 'not there: only the record is left'}"
    if transcript is None:
        yield "transcript  none"
        return
    if transcript.torn:
        yield f"transcript  {transcript.torn} torn lines are left out"
    yield from (f"warning  {printable(text)}" for text in transcript.warnings)


def _cost(line: dict[str, Any]) -> str:
    parts = [
        (line.get("passes"), "passes"),
        (line.get("model_calls"), "calls"),
        (line.get("total_tokens"), "tokens"),
        (line.get("duration_sec"), "s"),
    ]
    return "  ".join(f"{value:,} {unit}" for value, unit in parts if isinstance(value, int | float))


def _body(transcript: TranscriptPasses | None, passes: frozenset[int], full: bool) -> Iterator[str]:
    if transcript is None:
        return
    if full and transcript.prompts:
        yield from _block("system prompt", transcript.prompts.get("system"), full)
        yield from _block("task prompt", transcript.prompts.get("prompt"), full)
    for one in transcript.passes:
        if not passes or one.number in passes:
            yield from _pass(one, full)


def _pass(one: PassEvents, full: bool) -> Iterator[str]:
    yield ""
    yield f"── pass {one.number} {'─' * 60}"
    yield from _block("lever adds", one.opening, full)
    for step in one.steps:
        yield from _step(step, full)
    for event in one.probe:
        yield from _event(event, [], full)
    yield _ending(one.finished)


def _ending(finished: Event | None) -> str:
    if finished is None:
        return "   cut off: the run has no end of this pass"
    changed = {True: "changed files", False: "changed nothing"}.get(bool(finished.get("changed")))
    if finished.get("changed") is None:
        changed = "change unknown"
    green = finished.get("packages_green")
    parts = [
        f"   ended: {printable(finished.get('reason'))}",
        counted(finished.get("steps") or 0, "call"),
        f"peak {_value(finished.get('peak_tokens'))} tokens",
        _work(finished.get("loads"), finished.get("acts")),
        changed,
        "" if green is None else f"{counted(green, 'package')} passing",
        printable(finished.get("error") or ""),
    ]
    return "; ".join(part for part in parts if part)


def _work(loads: int | None, acts: int | None) -> str:
    """Return the loads and acts of a pass, which a command agent may not show."""
    if loads is None or acts is None:
        return "loads and acts unknown"
    return f"{counted(loads, 'load')}, {counted(acts, 'act')}"


def _step(step: StepEvents, full: bool) -> Iterator[str]:
    reply = step.reply
    usage = reply.get("usage") or {}
    yield f"{reply.get('step'):>4}  {_value(usage.get('total_tokens'))} tokens, {_value(reply.get('seconds'))} s"
    yield from _block("reasoning", reply.get("reasoning"), full)
    yield from _block("says", reply.get("content"), full)
    calls = list(reply.get("tool_calls") or ())
    for event in step.after:
        yield from _event(event, calls, full)
    ended = any(event["event"] == "verdict" and event.get("accepted") for event in step.after)
    by_command = any(event["event"] == "agent" for event in step.after)
    for place, call in enumerate(calls):
        # An accepted `done` ends the run, and has no result.
        missing = " (the agent showed no result)" if by_command else " (not carried out)"
        lost = "" if ended and place == 0 else missing
        yield from _block(f"calls {printable(call.get('name'))}{lost}", _arguments(call.get("arguments")), full)


def _event(event: Event, calls: list[dict[str, Any]], full: bool) -> Iterator[str]:
    kind = event["event"]
    if kind == "tool":
        call = next((call for call in calls if call.get("id") == event.get("id")), {})
        if call:
            calls.remove(call)
        understood = event.get("understood") or {}
        yield from _block(f"calls {printable(event.get('name'))}", _arguments(call.get("arguments")), full)
        if understood:
            shown = f"{understood.get('name')} {json.dumps(understood.get('arguments'), ensure_ascii=False)}"
            yield from _block("read as", shown, full)
        yield from _block("result", event.get("result"), full)
    elif kind == "verdict":
        accepted = event.get("accepted")
        said = "accepted" if accepted else f"could not verify: {event['error']}" if event.get("error") else "refused"
        green = event.get("green")
        yield from _block(
            f"gate {printable(said)}", "" if green is None else f"passing: {', '.join(green) or 'none'}", full
        )
        yield from _block("feedback", event.get("feedback"), full)
    elif kind == "verdict_repeated":
        yield "      gate refused: nothing has changed since it refused before"
    elif kind == "agent":
        code = event.get("exit_code")
        yield f"      agent {'was ended' if code is None else f'exited with {code}'}"
        yield from _block("put back", "\n".join(map(printable, event.get("put_back") or ())), full)
        yield from _block("prints", event.get("output"), full)
    elif kind == "call_failed":
        yield from _block("call failed", event.get("error"), full)
    elif kind == "lever":
        yield from _block("lever adds", event.get("text"), full)


def _arguments(text: object) -> str:
    """The arguments of a call, one a line, texts as they are; what is no JSON object as it came."""
    try:
        given = json.loads(str(text))
    except ValueError:
        return str(text)
    if not isinstance(given, dict):
        return str(text)
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in given.items()
    )


def _block(title: str, text: object, full: bool) -> Iterator[str]:
    """A text below its title, indented; the middle of a long one is left out, and how much is said."""
    if text is None or text == "":
        if title.startswith(("calls", "gate")):
            yield f"      {title}"
        return
    yield f"      {title}"
    lines = [printable(line, tabs=True) for line in str(text).splitlines()]
    if not full:
        lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]} … ({len(line):,} characters)" for line in lines]
    if not full and len(lines) > FOLD:
        head, tail = lines[: FOLD - 3], lines[-2:]
        lines = [*head, f"… {len(lines) - len(head) - len(tail)} lines more (--full)", *tail]
    yield from (f"        {line}" for line in lines)


def _value(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else printable(value)
