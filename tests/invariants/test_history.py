"""What a model gets to see of its own past."""

import pytest

from dialects import Dialect
from lab import DONE, SOLVE, STOP, Lab, turn, use

pytestmark = pytest.mark.go


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("form", ["reasoning_content", "reasoning", "inline", "unclosed"])
def test_reasoning_never_goes_back_to_the_model(lab: Lab, form: str, stream: bool) -> None:
    """It is in the transcript, and in no request, whatever way the server tells it."""
    thought = turn(use("list_dir"), reasoning="SECRET THOUGHT", content="Looking.", dialect=Dialect(reasoning=form))
    record = lab.run([thought, SOLVE, DONE], stream=stream)
    assert "SECRET THOUGHT" not in str(lab.asked)
    assert "Looking." == lab.asked[1]["messages"][2]["content"]
    assert "SECRET THOUGHT" in (lab.folder / "runs" / record.run_id / "transcript.jsonl").read_text()


def test_a_pass_starts_from_system_and_prompt_alone(lab: Lab) -> None:
    """Nothing of an earlier pass is left but files."""
    lab.run([turn(use("list_dir")), STOP, STOP], max_iters=2)
    first, _, second = (request["messages"] for request in lab.asked)
    assert ["system", "user"] == [message["role"] for message in second]
    assert first == second


def test_the_prefix_of_the_messages_is_stable_within_a_pass(lab: Lab) -> None:
    """Each request extends the one before it byte for byte, so that a server's prompt cache serves."""
    lab.run([turn(use("list_dir")), turn(use("read_file", path="go.mod")), SOLVE, DONE])
    for earlier, later in zip(lab.asked, lab.asked[1:], strict=False):
        assert earlier["messages"] == later["messages"][: len(earlier["messages"])]
        assert earlier["tools"] == later["tools"]
