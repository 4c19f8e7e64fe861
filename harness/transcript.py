"""The transcript of a run: one JSON event a line, written as it happens."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.record import PassRecord


@dataclass(frozen=True)
class TranscriptEvent:
    """The documentation of a kind of event."""

    fields: tuple[str, ...]
    meaning: str


EVENTS = {
    "run_started": TranscriptEvent(("run_id", "cell", "replicate", "sweep"), "The run began."),
    "waiting_for_workspace": TranscriptEvent(("path",), "Another run holds the workspace; this one waits for it."),
    "tools": TranscriptEvent(("mode",), "How tools reach the model in this run was settled: native or text."),
    "prompts": TranscriptEvent(
        ("system", "prompt", "tools"),
        "The texts that every pass begins with, as sent: the system prompt, the task prompt, and the descriptions of "
        "the tools in the request's own field (null where the system prompt describes them).",
    ),
    "proof": TranscriptEvent(
        ("kind", "why"),
        "What an acceptance will rest on was settled: tokens, split, events or status; `why` is the reason where a "
        "stronger kind is known for the language and not to be had, else empty.",
    ),
    "pass_started": TranscriptEvent(("number",), "A pass began, with a fresh context."),
    "lever": TranscriptEvent(
        ("place", "text"),
        "The lever added a text: at the end of the pass's prompt (`opening`), or at the end of the last tool result "
        "(`result`).",
    ),
    "reply": TranscriptEvent(
        ("step", "seconds", "reasoning", "content", "tool_calls", "finish_reason", "usage", "timing"),
        "A model call returned: its duration, its text and tool calls as they came, and its tokens. `timing` holds "
        "`first_token_sec`, `prefill_tokens`, `prefill_sec`, `decode_tokens`, `decode_sec`, `drafted_tokens`, "
        "`accepted_tokens` and `timed_by` (server, or clock: docs/servers.md), each null where unknown.",
    ),
    "request": TranscriptEvent(
        ("step", "kept", "messages", "tools"),
        "Command agents only: the agent made a call of the model. `messages` are those that no earlier event of the "
        "pass holds: none of the first `kept`, which an earlier request began with, none of the model's own replies, "
        "and no result of a tool, each of which is an event of its own. `tools` are the descriptions of the agent's "
        "tools where they are new, else null; `step` is null for a call that came after the end of the pass.",
    ),
    "call_failed": TranscriptEvent(
        ("step", "error"),
        "Command agents only: a call of the model failed, and the agent was answered with the error.",
    ),
    "turned_away": TranscriptEvent(
        ("request", "status"), "Command agents only: the agent requested something else than the model's endpoint."
    ),
    "warning": TranscriptEvent(("text",), "A part failed that the run goes on without, such as a reading of energy."),
    "tool": TranscriptEvent(
        ("step", "name", "id", "seconds", "result", "understood"),
        "A tool call was carried out; `result` is what the model received, and `seconds` its duration, null where a "
        "command agent carried it out. `understood` holds the name and the arguments that were carried out and that "
        "the history holds, where they differ from what came; else null.",
    ),
    "agent": TranscriptEvent(
        ("exit_code", "seconds", "output", "put_back"),
        "The command of an agent ended: its exit code (null where it was ended), its duration, both ends of what it "
        "printed, and the protected files that it had changed, which were put back.",
    ),
    "verdict": TranscriptEvent(
        ("accepted", "green", "feedback", "error"),
        "The gate verified the workspace; `error` is set where it could not, and then there is no verdict.",
    ),
    "verdict_repeated": TranscriptEvent((), "The files were refused before and have not changed: the verdict stands."),
    "pass_finished": TranscriptEvent(
        ("number", "error", *(entry.name for entry in fields(PassRecord))),
        "The pass ended; the fields are those of `per_pass`, and `error` says why where its reason is `error`.",
    ),
    "run_finished": TranscriptEvent(
        ("outcome", "counts_as", "reason"),
        "The run ended; `reason` is one sentence, empty where there is no more to say.",
    ),
}
"""Every kind of event, for the reference page."""

OnEvent = Callable[[str, dict[str, Any]], None]


class Transcript:
    """Appends events to a file and passes them to a listener; each line is on disk before the next step."""

    def __init__(self, path: Path, on_event: OnEvent | None = None) -> None:
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        self._on_event = on_event
        self._started = time.monotonic()
        self._generated = hashlib.sha256()
        self._replies = 0
        self._lock = threading.Lock()

    @property
    def generated_sha256(self) -> str | None:
        """Hash of all that the model generated, without ids and times; None before the first reply."""
        return self._generated.hexdigest() if self._replies else None

    def write(self, event: str, **fields: Any) -> None:
        """Record one event; `at` is the seconds since the start of the run."""
        with self._lock:  # the calls of a command agent are metered in threads
            if event == "reply":
                self._hash(fields)
            at = round(time.monotonic() - self._started, 3)
            self._file.write(json.dumps({"event": event, "at": at, **fields}, ensure_ascii=False) + "\n")
            self._file.flush()
            if self._on_event is not None:
                self._on_event(event, fields)

    def _hash(self, reply: Mapping[str, Any]) -> None:
        calls = [[call["name"], call["arguments"]] for call in reply["tool_calls"]]
        generated = [reply["step"], reply["reasoning"], reply["content"], calls]
        # ASCII, since a reply may hold half a character.
        self._generated.update(json.dumps(generated).encode() + b"\n")
        self._replies += 1

    def __enter__(self) -> "Transcript":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
