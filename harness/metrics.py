"""Counters of the calls of a run."""

from collections import Counter
from dataclasses import dataclass, field, fields

LOADS = ("read_file", "list_dir", "search_text")
ACTS = ("write_file", "edit_file", "delete_file", "move_file")
"""Names of the tools whose kind is load or act (`Tool.kind`), for readers of records, which have names alone."""

MOST_NAMES = 100
"""Different names of tools that a record counts apart; calls of further names count as OTHER_NAMES."""

LONGEST_NAME = 100
"""Characters of a name that a record keeps."""

OTHER_NAMES = "(others)"


@dataclass
class Metrics:
    """Counters of the calls made; passes add up to a run."""

    model_calls: int = 0
    """Calls of the model that returned."""
    tool_calls: int | None = 0
    """Tool calls that the model made, failed ones included; null where a command agent does not show them."""
    tool_counts: Counter[str] = field(default_factory=Counter)
    """Attempted calls by name, unknown names included."""
    read_bytes: int | None = 0
    """Bytes that `read_file` returned, the texts of its errors included; null where a command agent does not show
    them."""
    salvaged_calls: Counter[str] = field(default_factory=Counter)
    """Calls that it took leniency to understand, by form: of the text they were read from, or of their arguments."""
    unparsed_calls: int = 0
    """Pieces of text that look like a call and were not understood: the instrument may be at fault, not the model."""
    elided_reads: int = 0
    """Reads of specs that returned a notice instead."""
    lever_fired: int = 0
    """Number of times that the lever did something: added a text, or replaced a file by one."""
    prompt_tokens: int = 0
    """Prompt tokens of all calls."""
    completion_tokens: int = 0
    """Generated tokens of all calls, reasoning included."""
    total_tokens: int = 0
    """Tokens of all calls."""
    cached_tokens: int | None = None
    """Prompt tokens that the server took from its cache; null where it reports none, not even 0."""
    server_time_sec: float | None = None
    """Seconds that the server says it worked; null where it does not say."""
    first_token_sec: float | None = None
    """Seconds from request to first token, added up over the calls where it was seen; null without `stream`."""
    prefill_tokens: int | None = None
    """Prompt tokens that were read, not taken from the cache, in the calls where their time is known as well."""
    prefill_sec: float | None = None
    """Seconds that reading them took."""
    decode_tokens: int | None = None
    """Generated tokens, in the calls where their time is known as well."""
    decode_sec: float | None = None
    """Seconds that generating them took."""
    drafted_tokens: int | None = None
    """Tokens that speculative decoding proposed."""
    accepted_tokens: int | None = None
    """Proposed tokens that the model accepted."""
    usage_estimated: bool = False
    """True if at least one reply came without usage, so that its tokens were estimated."""
    cut_replies: int = 0
    """Replies that ended before the model did."""

    def add(self, other: "Metrics") -> None:
        self.model_calls += other.model_calls
        self.tool_calls = _known(self.tool_calls, other.tool_calls)
        if other.tool_counts:
            self.tool_counts += other.tool_counts
        if other.salvaged_calls:
            self.salvaged_calls += other.salvaged_calls
        self.unparsed_calls += other.unparsed_calls
        self.read_bytes = _known(self.read_bytes, other.read_bytes)
        self.elided_reads += other.elided_reads
        self.lever_fired += other.lever_fired
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.total_tokens += other.total_tokens
        for name in MEASURED:
            value = getattr(other, name)
            if value is not None:
                setattr(self, name, _sum(getattr(self, name), value))
        self.usage_estimated |= other.usage_estimated
        self.cut_replies += other.cut_replies

    @property
    def prefill_tokens_per_sec(self) -> float | None:
        """Speed of reading prompts; None where it is unknown."""
        return _rate(self.prefill_tokens, self.prefill_sec)

    @property
    def decode_tokens_per_sec(self) -> float | None:
        """Speed of generating; None where it is unknown."""
        return _rate(self.decode_tokens, self.decode_sec)

    @property
    def loads(self) -> int:
        return sum(self.tool_counts[name] for name in LOADS)

    @property
    def acts(self) -> int:
        return sum(self.tool_counts[name] for name in ACTS)

    def bounded_counts(self) -> dict[str, int]:
        """Return the calls by name for the record: models make up any number of names, of any length."""
        names = sorted(self.tool_counts, key=lambda name: (name not in (*LOADS, *ACTS), -self.tool_counts[name], name))
        counts: Counter[str] = Counter()
        for place, name in enumerate(names):
            counts[name[:LONGEST_NAME] if place < MOST_NAMES else OTHER_NAMES] += self.tool_counts[name]
        in_order = (name[:LONGEST_NAME] for name in self.tool_counts)
        return {name: counts[name] for name in in_order if name in counts} | counts


MEASURED = tuple(entry.name for entry in fields(Metrics) if entry.default is None)
"""Counters that stay null until a server, or the clock, says something."""

UNKNOWABLE = ("tool_calls", "read_bytes")
"""Counters that are null in a line where a command agent does not show what they count."""


def _rate(tokens: int | None, seconds: float | None) -> float | None:
    return round(tokens / seconds, 3) if tokens is not None and seconds else None


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def _known(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
