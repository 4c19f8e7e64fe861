"""Jobs composed quickly are the jobs that Hydra composes."""

from functools import partial

import pytest
from hydra import compose
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config import ConfigError
from sweeps.compose import Composer, build, values_of

LEVELS = {
    "task": st.sampled_from(["reverse", "stuck"]),
    "model": st.sampled_from(["nop", "gemma_26b"]),
    "ctx_limit": st.integers(0, 100_000),
    "memory": st.sampled_from(["true", "false", "True", "off"]),
    "cmd_timeout": st.sampled_from(["1", "2.5", "1e3"]),
    "lever": st.just("none"),
    "log_dir": st.sampled_from(["outputs", "'a b'", "x/y"]),
    "model.temperature": st.sampled_from(["0", "0.7"]),
    "model.seed": st.sampled_from(["null", "7"]),
    "max_steps": st.sampled_from(["5", "${max_iters}"]),
    "sweep.name": st.sampled_from(["pilot", "''"]),
}

jobs = st.fixed_dictionaries({}, optional=LEVELS).map(lambda job: [f"{key}={level}" for key, level in job.items()])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=jobs)
def test_a_job_composed_quickly_is_the_one_that_hydra_composes(composer: Composer, job: list[str]) -> None:
    """Whatever was composed before it: groups, values, quotes, nulls and interpolations alike."""
    assert build(values_of(compose("config", overrides=job))) == composer(job)


@pytest.mark.usefixtures("composer")
def test_hydra_composes_once_for_each_choice_of_groups() -> None:
    """Values cost nothing: that is what lets ten thousand runs be planned within seconds."""
    asked: list[list[str]] = []
    with_count = partial(compose, "config")

    def counting(overrides: list[str]) -> object:
        asked.append(overrides)
        return with_count(overrides)

    composer = Composer(counting)  # type: ignore[arg-type]
    for limit in range(1, 50):
        for task in ("reverse", "calc"):
            assert limit == composer([f"task={task}", f"ctx_limit={limit}"]).run.ctx_limit
    assert [["task=reverse"], ["task=calc"]] == asked


def test_a_value_follows_another_that_it_is_made_of(composer: Composer) -> None:
    """An interpolation sees what else the job sets, in whichever order."""
    assert 9 == composer(["max_steps=${max_iters}", "max_iters=9"]).run.max_steps


@pytest.mark.parametrize(
    ("job", "line"),
    [
        ("ctx_limit=true", "ctx_limit=true: must be a whole number"),
        ("ctx_limit=null", "ctx_limit=null: must be a whole number"),
        ("memory=1", "memory=1: must be true or false"),
        ("memory=0.5", "memory=0.5: must be true or false"),
        ("model.seed=x", "model.seed=x: must be a whole number or null"),
        ("model.name=[a]", "model.name=[a]: must be text"),
        ("cmd_timeout=nan", "cmd_timeout=nan: must be a finite number"),
        ("+surprise=1", "surprise: no such key; --help lists them all"),
    ],
)
def test_a_value_of_the_wrong_type_is_no_value(composer: Composer, job: str, line: str) -> None:
    """Nothing is converted that a reader would not convert the same way."""
    with pytest.raises(ConfigError) as refused:
        composer([job])
    assert line == str(refused.value)
