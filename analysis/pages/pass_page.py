"""One pass on the page of its run: how it ended, the files it changed, and each of its steps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.pages.calls import CarriedCall, argument_lines, dropped, following
from analysis.pages.fields import count, figure, listed, mapping, plain_json, text
from analysis.pages.file_changes import ChangedFile, difference
from analysis.pages.nodes import Node, element, passage
from analysis.records.transcripts import Event, PassEvents, StepEvents
from harness.outcome import PassReason
from harness.why import ENDINGS, counted

REASONS = {str(reason): words for reason, words in ENDINGS.items()} | {
    str(PassReason.COMPLETED): "ended because the gate accepted",
    str(PassReason.RUN_TIMEOUT): "ended because the time of the run was over",
}
"""Descriptions of the endings of passes, by reason."""


def pass_node(
    here: str, number: int, one: PassEvents, files: Sequence[ChangedFile], total: int | None, *, under_way: bool
) -> Node:
    """Return a pass with all its steps. `here` is the run's id as links hold it."""
    finished = one.finished or {}
    ended = ending(finished, total) if one.finished is not None else _unended(len(one.steps), under_way)
    changes = [element("h4", "Files that it changed"), *(difference(file) for file in files)] if files else []
    return element(
        "details",
        _summary(here, number, ended),
        *([element("h4", "Text that the lever added"), passage(one.opening)] if one.opening else []),
        *changes,
        *(_step(here, number, place + 1, step) for place, step in enumerate(one.steps)),
        *_probe(one.probe),
        element("p", text(finished.get("error")), class_="note") if finished.get("error") else None,
        class_=f"pass {_mark(finished)}".strip(),
        data_at=str(number),
    )


def record_pass(here: str, number: int, finished: Mapping[str, Any], total: int | None) -> Node:
    """Return a pass of which only the record is at hand."""
    ended = ending(finished, total)
    return element(
        "div", _summary(here, number, ended, "p"), class_=f"pass {_mark(finished)}".strip(), data_at=str(number)
    )


def ending(finished: Mapping[str, Any], total: int | None) -> str:
    """Return in words how a pass ended and what it did."""
    reason, green = text(finished.get("reason")), count(finished.get("packages_green"))
    changed = finished.get("changed")
    parts = [REASONS.get(reason, f"ended: {reason}" if reason else "")]
    if count(finished.get("steps")) is not None:
        parts.append(counted(finished["steps"], "call"))
    if count(finished.get("peak_tokens")):
        parts.append(f"up to {figure(finished['peak_tokens'])} tokens")
    if count(finished.get("loads")) is not None and count(finished.get("acts")) is not None:
        parts.append(f"{counted(finished['loads'], 'load')} and {counted(finished['acts'], 'act')}")
    if isinstance(changed, bool):
        parts.append("changed files" if changed else "changed nothing")
    if green is not None:
        parts.append(
            f"{green} of {counted(total, 'package')} passing" if total else f"{counted(green, 'package')} passing"
        )
    return "; ".join(filter(None, parts)) or "nothing is known of it"


def _unended(steps: int, under_way: bool) -> str:
    return (
        f"{counted(steps, 'call')} so far"
        if under_way
        else f"cut off after {counted(steps, 'call')}: its end was never written"
    )


def _mark(finished: Mapping[str, Any]) -> str:
    return "unchanged" if finished.get("changed") is False else ""


def _summary(here: str, number: int, ended: str, tag: str = "summary") -> Node:
    return element(
        tag,
        element("a", f"Pass {number}", href=f"#run={here}&at={number}", class_="name"),
        element("span", f" {ended}"),
    )


def _step(here: str, number: int, place: int, step: StepEvents) -> Node:
    reply, usage = step.reply, mapping(step.reply.get("usage"))
    at = f"{number}.{place}"
    finish = text(reply.get("finish_reason"))
    figures = [
        f"{figure(usage.get('total_tokens'))} tokens" if usage.get("total_tokens") is not None else "tokens unknown",
        figure(reply.get("seconds"), "s") if reply.get("seconds") is not None else "",
        "tokens estimated" if usage.get("estimated") is True else "",
        f"finish: {finish}" if finish not in ("", "stop", "tool_calls") else "",
    ]
    return element(
        "section",
        element(
            "h4",
            element("a", f"Step {at}", href=f"#run={here}&at={at}", class_="name"),
            element("span", " " + ", ".join(filter(None, figures)), class_="muted"),
        ),
        *_labelled("Reasoning", reply.get("reasoning"), "reasoning"),
        *_labelled("Message", reply.get("content"), "message"),
        *(part for one in following(step) for part in _after(one)),
        *_dropped(step),
        class_="step",
        data_at=at,
    )


def _after(one: CarriedCall | Event) -> Iterator[Node]:
    if isinstance(one, CarriedCall):
        yield from _call(one)
    else:
        yield from event_nodes(one)


def _call(call: CarriedCall) -> Iterator[Node]:
    head = [element("code", call.name)]
    path = call.arguments.get("path")
    if isinstance(path, str):
        head += [" ", element("code", text(path))]
    seconds = call.event.get("seconds")
    if isinstance(seconds, int | float) and seconds >= 0.1:
        head.append(element("span", f" {figure(seconds, 's')}", class_="muted"))
    if call.repaired:
        head.append(element("span", " read with leniency: these arguments were carried out", class_="muted"))
    yield element("p", "Calls ", *head, class_="call")
    alone = len(call.arguments) == 1 and isinstance(path, str)
    body = None if alone else passage(argument_lines(call.arguments, call.raw), style="arguments")
    if body:
        yield body
    if call.repaired and call.raw:
        yield from _labelled("As it came", call.raw, "arguments")
    result = passage(call.result, style="result")
    yield result or element("p", "(empty result)", class_="muted")


def event_nodes(event: Event) -> Iterator[Node]:
    """Yield a verdict, or a text of the lever."""
    kind = event["event"]
    if kind == "verdict":
        yield from _verdict(event)
    elif kind == "verdict_repeated":
        yield element("p", "The gate refused: nothing has changed since it refused before.", class_="verdict refused")
    elif kind == "lever":
        yield from _labelled("The lever added", event.get("text"), "message")
    elif kind not in ("tools", "waiting_for_workspace"):
        yield from _labelled(f"Event {text(kind)}", plain_json(event), "result")


def _verdict(event: Event) -> Iterator[Node]:
    accepted, error = event.get("accepted") is True, event.get("error")
    said = (
        "The gate accepted."
        if accepted
        else f"The gate could not verify: {text(error)}"
        if error
        else "The gate refused."
    )
    green = [text(one) for one in listed(event.get("green"))]
    if green:
        said += f" Passing: {', '.join(green)}."
    kind = "accepted" if accepted else "unknown" if error else "refused"
    yield element("p", said, class_=f"verdict {kind}")
    feedback = passage(event.get("feedback"), style="result")
    if feedback:
        yield feedback


def _probe(events: Sequence[Event]) -> Iterator[Node]:
    if events:
        yield element("h4", "Check after the pass")
        for event in events:
            yield from event_nodes(event)


def _dropped(step: StepEvents) -> Iterator[Node]:
    accepted = any(event["event"] == "verdict" and event.get("accepted") is True for event in step.after)
    for call in dropped(step):
        name = text(call.get("name"))
        lost = "" if accepted and name == "done" else " (not carried out)"
        yield element("p", "Calls ", element("code", name), lost, class_="call")
        body = passage(argument_lines({}, str(call.get("arguments") or "")), style="arguments")
        if body:
            yield body


def _labelled(label: str, value: object, style: str) -> list[Node]:
    body = passage(value, style=style)
    return [element("p", label, class_="label"), body] if body else []
