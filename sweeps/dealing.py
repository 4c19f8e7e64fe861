"""Which endpoint gets which runs: whole blocks, so that what differs between endpoints falls on all arms alike."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sweeps.lanes import Lane
from sweeps.planned import PlannedRun

Block = tuple[str, int | None]
"""The pool that it goes to, and its number."""


@dataclass
class _Part:
    """Runs of a block that are still to be dealt."""

    block: Block
    runs: deque[PlannedRun]
    home: str | None
    """The endpoint that has made others of the block."""


@dataclass
class _Pool:
    parts: deque[_Part] = field(default_factory=deque)
    lanes: list[Lane] = field(default_factory=list)
    """Those that are not retired."""


class Dealing:
    """Hands out runs, in the order of the plan: a lane that is free goes on with its block, then takes the next.

    With `split`, each run is dealt by itself: quicker where blocks are few, but then an endpoint may favour an arm.
    """

    def __init__(
        self,
        lanes: Sequence[Lane],
        pool_of: Callable[[PlannedRun], str],
        homes: Mapping[Block, str],
        *,
        split: bool,
        on_split: Callable[[str], None],
    ) -> None:
        self.pool_of = pool_of
        self._homes = dict(homes)
        self._split = split
        self._on_split = on_split
        self._pools = {lane.pool: _Pool() for lane in lanes}
        self._own: dict[Lane, _Part] = {}
        for lane in lanes:
            self._pools[lane.pool].lanes.append(lane)

    def add(self, runs: Iterable[PlannedRun]) -> None:
        """Runs to be dealt, after those that are there."""
        parts: dict[object, _Part] = {}
        for run in runs:
            block = self.pool_of(run), run.launch.block
            home = None if self._split else self._homes.get(block)
            part = parts.setdefault(run.key if self._split else block, _Part(block, deque(), home))
            part.runs.append(run)
        for part in parts.values():
            self._pools[part.block[0]].parts.append(part)

    def take(self, lane: Lane) -> PlannedRun | None:
        """The next run for a lane that is free; None if there is none at the moment."""
        own = self._own.get(lane)
        if own is None or not own.runs:
            own = self._next_part(lane)
        return own.runs.popleft() if own is not None else None

    def put_back(self, lane: Lane, run: PlannedRun) -> None:
        """The run is to be made once more, before all others of its block."""
        self._own[lane].runs.appendleft(run)

    def retire(self, lane: Lane) -> None:
        """The lane takes no more; what it had left of its block is dealt to others."""
        pool = self._pools[lane.pool]
        pool.lanes.remove(lane)
        part = self._own.pop(lane, None)
        if part is not None and part.runs:
            pool.parts.appendleft(part)

    def owed(self, lane: Lane) -> bool:
        """Whether there is anything that the lane may take."""
        own = self._own.get(lane)
        return bool(own and own.runs) or any(self._may(lane, part) for part in self._pools[lane.pool].parts)

    @property
    def stranded(self) -> list[PlannedRun]:
        """Runs that no lane is left for."""
        pools = (pool for pool in self._pools.values() if not pool.lanes)
        return [run for pool in pools for part in pool.parts for run in part.runs]

    def _next_part(self, lane: Lane) -> _Part | None:
        parts = self._pools[lane.pool].parts
        part = next((part for part in parts if self._may(lane, part)), None)
        if part is None:
            return None
        parts.remove(part)
        if part.home not in (None, lane.recorded):
            self._on_split(f"warning: block {part.block[1]} goes on at {lane.name}: it was begun at {part.home}")
        part.home = lane.recorded
        if not self._split:
            self._homes[part.block] = lane.recorded
        self._own[lane] = part
        return part

    def _may(self, lane: Lane, part: _Part) -> bool:
        """A block goes on where it was begun, as long as that is there."""
        endpoints = {other.recorded for other in self._pools[lane.pool].lanes}
        return part.home is None or part.home == lane.recorded or part.home not in endpoints


def homes(made: Iterable[tuple[Block, str]]) -> dict[Block, str]:
    """Of each block the endpoint at which most of its runs were made."""
    counts: dict[Block, Counter[str]] = {}
    for block, endpoint in made:
        counts.setdefault(block, Counter())[endpoint] += 1
    return {block: count.most_common(1)[0][0] for block, count in counts.items()}
