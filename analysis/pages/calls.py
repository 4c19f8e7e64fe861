"""Tool calls of a step, each with its result."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.pages.fields import listed, mapping, plain_json, text
from analysis.records.transcripts import Event, StepEvents


@dataclass(frozen=True)
class CarriedCall:
    """One tool call, as it was carried out."""

    name: str
    arguments: Mapping[str, Any]
    """Empty where they could not be read."""
    raw: str
    """The arguments as the model wrote them."""
    event: Event
    """The event of its result."""
    repaired: bool
    """True if other arguments were carried out than those that came."""

    @property
    def result(self) -> str:
        return str(self.event.get("result") or "")


def calls_of(step: StepEvents) -> list[Mapping[str, Any]]:
    """Return the calls as the model made them."""
    return [mapping(call) for call in listed(step.reply.get("tool_calls"))]


def following(step: StepEvents) -> Iterator[CarriedCall | Event]:
    """Yield what followed a reply, in order: its calls with their results, and other events as they are."""
    left = calls_of(step)
    for event in step.after:
        if event["event"] != "tool":
            yield event
            continue
        call = next((call for call in left if call.get("id") == event.get("id")), {})
        if call:
            left.remove(call)
        understood = mapping(event.get("understood"))
        raw = call.get("arguments")
        carried = mapping(understood.get("arguments")) if understood else _read(raw)
        name = text(understood.get("name") or event.get("name"))
        yield CarriedCall(name, carried, "" if raw is None else str(raw), event, bool(understood))


def dropped(step: StepEvents) -> list[Mapping[str, Any]]:
    """Return the calls without a result, such as those of a reply that was cut, or `done` where it was accepted."""
    carried = {str(event.get("id")) for event in step.after if event["event"] == "tool"}
    return [call for call in calls_of(step) if str(call.get("id")) not in carried]


def argument_lines(arguments: Mapping[str, Any], raw: str) -> str:
    """Return arguments one a line, texts as they are; what could not be read as it came."""
    if not arguments:
        return raw if raw.strip() not in ("", "{}") else ""
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else plain_json(value)}" for name, value in arguments.items()
    )


def _read(raw: object) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(str(raw)))
    except (ValueError, RecursionError):
        return {}
