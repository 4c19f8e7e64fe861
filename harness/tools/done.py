"""The `done` tool: the subject says that it is finished, and the gate decides."""

from harness.gate.verdict import Verifier, VerifierError
from harness.tools.registry import Arguments, Completed, Tool, ToolError, ToolKind

REFUSAL = "The task is not done yet: verification failed. Repair what follows, then call done again.\n"


def done_tool(verifier: Verifier) -> Tool:
    """Return the tool that ends a run if the gate accepts."""

    def run(_: Arguments) -> str:
        try:
            verdict = verifier.verify()
        except VerifierError as error:
            raise ToolError(f"the verification could not be run: {error}") from error
        if verdict.accepted:
            raise Completed
        return REFUSAL + verdict.feedback

    summary = {"type": "string", "description": "In short, what was done."}
    description = "Say that the task is finished. The tests are run; a refusal tells what still fails."
    return Tool("done", description, {"summary": summary}, (), run, ToolKind.END, needs_no_arguments=True)
