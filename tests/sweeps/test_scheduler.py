"""Which endpoint gets which runs: blocks stay whole, and nothing is lost when an endpoint is."""

import pytest

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.state import Launch
from sweeps.cluster.scheduler import Scheduler, block_endpoints
from sweeps.cluster.slots import ANY, Slot, pool_of, slots_of
from sweeps.plan.run import PlannedRun

A, B, C = (Slot(f"http://{name}/v1", f"http://{name}/v1", ANY) for name in "abc")


def run(block: int, arm: str, endpoint: str = "http://own/v1") -> PlannedRun:
    config = RunConfig(ModelConfig(name="m", endpoint=endpoint), TaskConfig(name="reverse"), replicate=block)
    return PlannedRun(config, arm, f"{arm} {block}", Launch("pilot", block))


def plan(blocks: int) -> list[PlannedRun]:
    return [run(block, arm) for block in range(1, blocks + 1) for arm in ("x", "y")]


class Table:
    """Deals a plan to lanes, and notes what was said and who got what."""

    def __init__(
        self, runs: list[PlannedRun], *slots: Slot, begun: dict[int, Slot] | None = None, split: bool = False
    ) -> None:
        self.said: list[str] = []
        endpoint = {(ANY, block): slot.recorded for block, slot in (begun or {}).items()}
        self.scheduler = Scheduler(slots, lambda _: ANY, endpoint, split=split, on_split=self.said.append)
        self.scheduler.add(runs)

    def take(self, slot: Slot) -> str | None:
        taken = self.scheduler.take(slot)
        return None if taken is None else taken.label


def test_a_block_stays_at_the_endpoint_that_began_it() -> None:
    """Whoever is free goes on with its block, then takes the next of the plan; who has nothing left is idle."""
    table = Table(plan(3), A, B)
    assert ["x 1", "x 2", "y 2", "x 3", "y 1", None, "y 3", None] == [
        table.take(slot) for slot in (A, B, B, B, A, A, B, B)
    ]
    assert [] == table.said


def test_split_blocks_are_dealt_run_by_run() -> None:
    """On demand, and without a warning for what was asked for."""
    table = Table(plan(1), A, B, begun={1: B}, split=True)
    assert (["x 1", "y 1"], []) == ([table.take(A), table.take(B)], table.said)


def test_a_sweep_goes_on_where_its_blocks_were_begun() -> None:
    """Results of an earlier launch tell where; an endpoint that is there no more leaves its blocks to others."""
    table = Table(plan(3), A, B, begun={1: B, 2: C})
    assert ["x 2", "y 2", "x 3", "x 1"] == [table.take(slot) for slot in (A, A, A, B)]
    assert [f"warning: block 2 continues at {A.name}: it was started at {C.name}"] == table.said


def test_what_a_retired_endpoint_had_left_goes_to_others() -> None:
    """First of all, and with a warning; without others it is left over."""
    table = Table(plan(2), A, B)
    first = table.scheduler.take(A)
    assert first is not None
    assert "x 2" == table.take(B)
    table.scheduler.put_back(A, first)
    table.scheduler.retire(A)
    assert ["y 2", "x 1"] == [table.take(B), table.take(B)]
    assert [f"warning: block 1 continues at {B.name}: it was started at {A.name}"] == table.said
    assert [] == table.scheduler.stranded
    table.scheduler.retire(B)
    assert ["y 1"] == [one.label for one in table.scheduler.stranded]


def test_what_is_owed_is_what_may_be_taken() -> None:
    """A lane is waited for as long as there is something for it, and no longer."""
    table = Table(plan(1), A, B)
    assert [True, True] == [table.scheduler.has_work(slot) for slot in (A, B)]
    table.take(A)
    assert [True, False] == [table.scheduler.has_work(slot) for slot in (A, B)]
    table.take(A)
    assert [False, False] == [table.scheduler.has_work(slot) for slot in (A, B)]


def test_without_a_list_every_run_goes_to_its_own_endpoint() -> None:
    """One lane for each server, by host and port, whatever its URLs are; the runs stay as they are."""
    runs = [run(1, "x", "http://a:1/v1"), run(1, "y", "http://b:1/v1"), run(1, "z", "http://A:1/")]
    slots = slots_of(runs, ())
    assert (["a:1", "b:1"], [False, False]) == ([slot.pool for slot in slots], [slot.shared for slot in slots])
    assert ["a:1", "b:1", "a:1"] == [pool_of(one, ()) for one in runs]
    assert runs == [slots[0].assigned(one) for one in runs]


def test_a_list_of_endpoints_serves_every_run() -> None:
    """The run that is made has the endpoint it is made at; embedded subjects are told apart."""
    endpoints = ["embedded", "embedded"]
    subject = ModelConfig(name="sim", endpoint="embedded", profile="oracle")
    runs = [PlannedRun(RunConfig(subject, TaskConfig(name="reverse")), "x", "x 1", Launch())]
    assert ["embedded 1", "embedded 2"] == [slot.name for slot in slots_of(runs, endpoints)]
    one, _ = slots_of(plan(1), ["http://a/v1", "http://user:word@b/v1"])
    assert "http://a/v1" == one.assigned(plan(1)[0]).config.model.endpoint
    assert "http://b/v1" == slots_of(plan(1), ["http://a/v1", "http://user:word@b/v1"])[1].name


@pytest.mark.parametrize(("made", "endpoint"), [("a", "a"), ("aab", "a"), ("abb", "b"), ("", None)])
def test_a_block_is_at_home_where_most_of_it_was_made(made: str, endpoint: str | None) -> None:
    """Its results say so."""
    assert endpoint == block_endpoints(((ANY, 1), endpoint) for endpoint in made).get((ANY, 1))
