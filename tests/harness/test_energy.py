"""The meter of energy: bounded, and never a figure where there is none."""

from pathlib import Path

from harness.energy import EnergyMeter


def test_a_meter_that_hangs_is_ended_with_all_that_it_started() -> None:
    """It takes its time limit and no more; a child that holds its output open is not waited for."""
    told: list[str] = []
    meter = EnergyMeter("sh -c 'sleep 600 & echo 5; sleep 600'", told.append, seconds=0.3)
    assert meter.joules() is None
    assert ["did not end within 0.3 s" in line for line in told] == [True]


def test_a_counter_that_falls_is_unknown(tmp_path: Path) -> None:
    """It has started anew; nobody knows what lay between."""
    told: list[str] = []
    state = tmp_path / "state"
    state.write_text("9")
    meter = EnergyMeter(f"sh -c 'cat {state}; echo 5 >{state}'", told.append)
    assert meter.joules() is None
    assert ["fell from 9 to 5" in line for line in told] == [True]


def test_without_a_command_nothing_is_measured() -> None:
    """And nothing is said."""
    told: list[str] = []
    assert EnergyMeter("", told.append).joules() is None
    assert [] == told
