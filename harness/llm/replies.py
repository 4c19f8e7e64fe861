"""Read a reply, in one body or as a stream of events."""

from collections.abc import Iterable
from typing import Any

import httpx

from harness.llm.draft import Draft
from harness.llm.errors import ModelError, Unfinished, error_in_reply, error_of_payload
from harness.llm.limits import CallLimits
from harness.llm.reasoning import Display
from harness.llm.sse import ServerSentEvent, events, frames, whole
from harness.llm.types import OnDelta
from harness.llm.usage import ReplyClock


def read_body(body: bytes) -> Draft:
    """The reply of a whole body. Raises ModelError where there is none."""
    payload = whole(body)
    fault = error_in_reply(payload)
    if fault is not None:
        raise fault
    if payload and "choices" not in payload:
        raise ModelError("the body is no chat completion", body.decode(errors="replace"))
    draft = Draft()
    draft.measure(payload)
    choices = payload.get("choices")
    for choice in choices[:1] if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            _take_whole(choice, draft)
    return draft


def _take_whole(choice: dict[str, Any], draft: Draft) -> None:
    draft.has_choice = True
    draft.end(choice.get("finish_reason"))
    message = choice.get("message")
    if isinstance(message, dict):
        draft.take(message)
        draft.call(message.get("tool_calls"), whole=True)
        if not message.get("tool_calls"):
            draft.legacy_call(message.get("function_call"))


def read_stream(
    chunks: Iterable[bytes], limits: CallLimits, on_delta: OnDelta | None = None, clock: ReplyClock | None = None
) -> Draft:
    """The reply of a stream. Raises ModelError where there is none. `clock` was started with the request.

    It is cut off if it ends before `[DONE]` and before any finish reason. Once it reached a finish reason it is
    whole: what goes wrong afterwards can cost nothing but the usage.
    """
    draft, display = Draft(clock), Display(on_delta)
    try:
        done = _fold(chunks, draft, display, limits)
    except (httpx.TransportError, ModelError) as fault:
        if not draft.finish_reason:
            if isinstance(fault, httpx.RemoteProtocolError):
                raise Unfinished(f"RemoteProtocolError: {fault}", draft) from fault
            raise
        done = True
    if not (done or draft.finish_reason):
        raise Unfinished("the stream ended before the reply did", draft)
    display.end()
    return draft


def _fold(chunks: Iterable[bytes], draft: Draft, display: Display, limits: CallLimits) -> bool:
    """Add every frame to the draft, up to `[DONE]`; returns whether the stream said that it was done."""
    for event in events(chunks):
        if event.error:
            raise _event_error(event)
        for frame in frames(event):
            if isinstance(frame, str):
                return True
            fault = error_in_reply(frame)
            if fault is not None:
                raise fault
            if size := _take(frame, draft, display):
                limits.token()
                draft.clock.piece(size)
            if draft.finish_reason:
                limits.end_of_reply()
    return False


def _take(frame: dict[str, Any], draft: Draft, display: Display) -> int:
    """Add a frame to the draft; returns the bytes in it that were generated: a role or an empty delta is none."""
    size = 0
    draft.measure(frame)
    choices = frame.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index") in (0, None):
            draft.has_choice = True
            draft.end(choice.get("finish_reason"))
            delta, message = choice.get("delta"), choice.get("message")
            part = delta if isinstance(delta, dict) else message
            if isinstance(part, dict):
                texts = draft.take(part)
                display.show(*texts)
                draft.call(part.get("tool_calls"), whole=part is message)
                if not part.get("tool_calls"):
                    draft.legacy_call(part.get("function_call"))
                size += sum(len(text.encode(errors="replace")) for text in texts)
                size += _call_size(part.get("tool_calls") or part.get("function_call"))
    return size


def _call_size(calls: object) -> int:
    """Bytes of calls or fragments of them: of names and arguments, and at least one, since each was generated."""
    if isinstance(calls, list):
        return sum(map(_call_size, calls))
    if not isinstance(calls, dict):
        return int(bool(calls))
    function = calls.get("function", calls)
    parts = [function.get(key) for key in ("name", "arguments")] if isinstance(function, dict) else []
    return max(1, sum(len(part.encode(errors="replace")) for part in parts if isinstance(part, str)))


def _event_error(event: ServerSentEvent) -> ModelError:
    """The fault of an event that was sent as an error, whatever it holds."""
    payload = next((frame for frame in frames(event) if isinstance(frame, dict)), None)
    return error_of_payload("\n".join(event.data) if payload is None else payload.get("error") or payload)
