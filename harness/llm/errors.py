"""Errors of a model call. All derive from `ModelError`; the client handles some of them itself."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.llm.draft import Draft


class ModelError(Exception):
    """A call failed and would fail again. Callers of the client get one line of text as `str(error)`."""

    status: int | None = None
    """HTTP status with which the server refused the request; None if it did not."""

    def __init__(self, what: str, detail: str = "") -> None:
        """`detail` is the server's own text, unclipped. It is no part of `str(error)`."""
        super().__init__(what)
        self.what = what
        self.detail = detail


class ContextOverflow(ModelError):  # noqa: N818 (callers read it as what happened)
    """The prompt does not fit the server's window: the call failed, but the server is well."""


class HistoryRefused(ModelError):  # noqa: N818
    """The server refuses the model's earlier words in the conversation, and answers otherwise."""


class Stalled(ModelError):  # noqa: N818
    """The server exceeded a time limit of the call. This says nothing about the model, and is not repeated."""


class RunTimeUp(ModelError):  # noqa: N818
    """The time of the whole run ended during the call."""


class KeyRefused(ModelError):  # noqa: N818
    """The server wants a key, or another one."""


class FieldRefused(ModelError):  # noqa: N818 (handled by the client: it leaves the field out)
    """The server does not know an optional field of the request."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the server refuses the field {field}")
        self.field = field


class Transient(ModelError):  # noqa: N818 (handled by the client: it tries again)
    """The call failed and may succeed if repeated."""

    def __init__(self, what: str, detail: str = "", *, retry_after: float | None = None, loading: bool = False) -> None:
        super().__init__(what, detail)
        self.retry_after = retry_after
        """Seconds that the server asks to wait; None if it does not say."""
        self.loading = loading
        """True while the server loads its model."""


class Unfinished(Transient):
    """A stream ended before its reply did."""

    def __init__(self, what: str, draft: "Draft") -> None:
        super().__init__(what)
        self.draft = draft
        """The reply as far as it came."""
