"""Errors of a model call: `ModelError` for callers, and the faults that the client handles inside."""

from typing import TYPE_CHECKING, ClassVar

from harness.llm.types import ModelError

if TYPE_CHECKING:
    from harness.llm.draft import Draft


class ContextOverflow(ModelError):  # noqa: N818 (callers read it as what happened)
    """The prompt does not fit the server's window: the call failed, but the server is well."""


class HistoryRefused(ModelError):  # noqa: N818
    """The server refuses what the model wrote earlier in the conversation, and answers otherwise."""


class Stalled(ModelError):  # noqa: N818
    """The server kept the call waiting beyond one of its limits, which says nothing about the model."""


class RunTimeUp(ModelError):  # noqa: N818
    """The time of the whole run ended while the call was under way."""


class CallFault(Exception):  # noqa: N818 (a fault is what the project calls it)
    """An exchange that failed and would fail again; `detail` is the server's own text, not yet clipped."""

    error: ClassVar[type[ModelError]] = ModelError
    """Error that the caller of the client gets."""
    status: int | None = None
    """The status with which the server refused the request; None where it did not, or said something else of it."""

    def __init__(self, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.detail = detail


class Overflow(CallFault):
    """The server says that the prompt does not fit its window."""

    error = ContextOverflow


class RefusedHistory(CallFault):
    """The server refuses the request over what the model wrote."""

    error = HistoryRefused


class TimeUp(CallFault):
    """A limit of the call has passed. It is not repeated: a stall would only be waited for again."""

    error = Stalled


class RunOver(CallFault):
    """The run has no time left."""

    error = RunTimeUp


class KeyRefused(CallFault):
    """The server wants a key, or another one."""


class FieldRefused(CallFault):
    """The server does not know an optional field of the request."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the server refuses the field {field}")
        self.field = field


class Transient(CallFault):
    """An exchange that may well succeed if repeated."""

    def __init__(self, what: str, detail: str = "", *, retry_after: float | None = None, loading: bool = False) -> None:
        super().__init__(what, detail)
        self.retry_after = retry_after
        """Seconds that the server asked to be left alone for; None where it did not say."""
        self.loading = loading
        """True while the server loads its model."""


class Unfinished(Transient):
    """A stream that ended before the reply in it did."""

    def __init__(self, what: str, draft: "Draft") -> None:
        super().__init__(what)
        self.draft = draft
        """The reply as far as it came."""
