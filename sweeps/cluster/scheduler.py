"""Schedule runs on slots, whole blocks at a time, so that endpoint differences affect all arms alike."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sweeps.cluster.slots import Slot
from sweeps.plan.run import PlannedRun

Block = tuple[str, int | None]
"""The pool of slots that a block belongs to, and the block's number."""


@dataclass
class _Batch:
    """Runs of a block that are not scheduled yet."""

    block: Block
    runs: deque[PlannedRun]
    endpoint: str | None
    """The endpoint that made earlier runs of the block."""


@dataclass
class _Pool:
    batches: deque[_Batch] = field(default_factory=deque)
    slots: list[Slot] = field(default_factory=list)
    """Slots that are still in use."""


class Scheduler:
    """Hands out runs in the order of the plan: an idle slot continues its block, then takes the next one.

    With `split`, each run is scheduled by itself: faster where blocks are few, but then an endpoint may favour an arm.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        pool_of: Callable[[PlannedRun], str],
        block_endpoints: Mapping[Block, str],
        *,
        split: bool,
        on_split: Callable[[str], None],
    ) -> None:
        self.slots = slots
        self.pool_of = pool_of
        self._block_endpoints = dict(block_endpoints)
        self._split = split
        self._on_split = on_split
        self._pools = {slot.pool: _Pool() for slot in slots}
        self._own: dict[Slot, _Batch] = {}
        for slot in slots:
            self._pools[slot.pool].slots.append(slot)

    def add(self, runs: Iterable[PlannedRun]) -> None:
        """Append runs to the queue."""
        batches: dict[object, _Batch] = {}
        for run in runs:
            block = self.pool_of(run), run.launch.block
            endpoint = None if self._split else self._block_endpoints.get(block)
            batch = batches.setdefault(run.key if self._split else block, _Batch(block, deque(), endpoint))
            batch.runs.append(run)
        for batch in batches.values():
            self._pools[batch.block[0]].batches.append(batch)

    def take(self, slot: Slot) -> PlannedRun | None:
        """Return the next run for an idle slot; None if there is none at the moment."""
        own = self._own.get(slot)
        if own is None or not own.runs:
            own = self._next_batch(slot)
        return own.runs.popleft() if own is not None else None

    def put_back(self, slot: Slot, run: PlannedRun) -> None:
        """Queue a run again, ahead of the other runs of its block."""
        self._own[slot].runs.appendleft(run)

    def retire(self, slot: Slot) -> None:
        """Stop using a slot; the rest of its block goes to other slots."""
        pool = self._pools[slot.pool]
        pool.slots.remove(slot)
        batch = self._own.pop(slot, None)
        if batch is not None and batch.runs:
            pool.batches.appendleft(batch)

    def has_work(self, slot: Slot) -> bool:
        """Tell whether a run is queued that the slot may take."""
        own = self._own.get(slot)
        return bool(own and own.runs) or any(self._may_take(slot, batch) for batch in self._pools[slot.pool].batches)

    @property
    def stranded(self) -> list[PlannedRun]:
        """Runs whose pool has no slot left."""
        pools = (pool for pool in self._pools.values() if not pool.slots)
        return [run for pool in pools for batch in pool.batches for run in batch.runs]

    def _next_batch(self, slot: Slot) -> _Batch | None:
        batches = self._pools[slot.pool].batches
        batch = next((batch for batch in batches if self._may_take(slot, batch)), None)
        if batch is None:
            return None
        batches.remove(batch)
        if batch.endpoint not in (None, slot.recorded):
            self._on_split(
                f"warning: block {batch.block[1]} continues at {slot.name}: it was started at {batch.endpoint}"
            )
        batch.endpoint = slot.recorded
        if not self._split:
            self._block_endpoints[batch.block] = slot.recorded
        self._own[slot] = batch
        return batch

    def _may_take(self, slot: Slot, batch: _Batch) -> bool:
        """A block continues at the endpoint where it was started, as long as that endpoint is in use."""
        endpoints = {other.recorded for other in self._pools[slot.pool].slots}
        return batch.endpoint is None or batch.endpoint == slot.recorded or batch.endpoint not in endpoints


def block_endpoints(made: Iterable[tuple[Block, str]]) -> dict[Block, str]:
    """Map each block to the endpoint that made most of its runs."""
    counts: dict[Block, Counter[str]] = {}
    for block, endpoint in made:
        counts.setdefault(block, Counter())[endpoint] += 1
    return {block: count.most_common(1)[0][0] for block, count in counts.items()}
