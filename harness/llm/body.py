"""A reply that came as one body."""

from typing import Any

from harness.llm.complaint import in_reply
from harness.llm.draft import Draft
from harness.llm.errors import ModelError
from harness.llm.frames import whole


def read_body(body: bytes) -> Draft:
    """The reply of a whole body. Raises ModelError where there is none."""
    payload = whole(body)
    fault = in_reply(payload)
    if fault is not None:
        raise fault
    if payload and "choices" not in payload:
        raise ModelError("the body is no chat completion", body.decode(errors="replace"))
    draft = Draft()
    draft.measure(payload)
    choices = payload.get("choices")
    for choice in choices[:1] if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            _take(choice, draft)
    return draft


def _take(choice: dict[str, Any], draft: Draft) -> None:
    draft.answered = True
    draft.end(choice.get("finish_reason"))
    message = choice.get("message")
    if isinstance(message, dict):
        draft.take(message)
        draft.call(message.get("tool_calls"), whole=True)
        if not message.get("tool_calls"):
            draft.legacy_call(message.get("function_call"))
