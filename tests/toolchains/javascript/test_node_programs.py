"""Everyday programs in JavaScript are accepted by split, and refused with one fault in them."""

import pytest
from toolchains.javascript.conftest import VerifySources
from toolchains.javascript.programs_of_language import LANGUAGE_PROGRAMS
from toolchains.javascript.programs_of_runtime import RUNTIME_PROGRAMS

from harness.checks import check
from harness.config import EMBEDDED, ConfigError, ModelConfig, RunConfig, TaskConfig

PROGRAMS = LANGUAGE_PROGRAMS | RUNTIME_PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_accepted(name: str, verify_sources: VerifySources) -> None:
    """Every test passes, by split, three times."""
    files, _ = PROGRAMS[name]
    verdict = verify_sources(files)
    assert verdict.accepted, verdict.feedback


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_fault_is_seen(name: str, verify_sources: VerifySources) -> None:
    """The same program with one thing changed is refused."""
    files, (path, right, wrong) = PROGRAMS[name]
    assert right in files[path]
    verdict = verify_sources(files | {path: files[path].replace(right, wrong)})
    assert not verdict.accepted
    assert "not ok" in verdict.feedback


def test_a_simulated_subject_is_refused() -> None:
    """It would do nothing, and a run of it would look like one that stagnated."""
    model = ModelConfig(name="sim-resweep", endpoint=EMBEDDED, profile="resweep")
    config = RunConfig(model, TaskConfig("reverse_js", verify="node --test"))
    with pytest.raises(ConfigError, match="simulated subjects write Go and Python, not javascript"):
        check([config])
