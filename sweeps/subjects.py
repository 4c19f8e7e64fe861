"""Where the subjects answer: at their own server, or at a simulated one that is served from here."""

from contextlib import ExitStack
from types import TracebackType

from harness.config import EMBEDDED, ModelConfig


class Subjects:
    """The simulated subjects of a sweep: each is served once, from its first run to the end of the sweep."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._endpoints: dict[str, str] = {}

    def endpoint(self, model: ModelConfig) -> str:
        """The base URL at which the model answers."""
        if model.endpoint != EMBEDDED:
            return model.endpoint
        if model.profile not in self._endpoints:
            # Only a sweep that simulates pays for importing a web server.
            from harness.simulator.embedded import EmbeddedSimulator  # noqa: PLC0415

            self._endpoints[model.profile] = self._stack.enter_context(EmbeddedSimulator(model.profile)).endpoint
        return self._endpoints[model.profile]

    def __enter__(self) -> "Subjects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
