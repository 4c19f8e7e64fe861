"""The system prompt, put together from parts so that switching one thing changes one paragraph."""

from dataclasses import dataclass

MEMORY = """\
- Your context is emptied from time to time and only files remain. Keep a short PROGRESS.md at the root of the \
workspace: what is finished, what is left, what you decided. Read it before anything else, and keep it up to date."""


def memory_note(*, memory: bool) -> str:
    """Return what the prompt of a command agent says of PROGRESS.md: such an agent has a system prompt of its own."""
    return MEMORY.removeprefix("- ") if memory else ""


@dataclass(frozen=True)
class PromptWords:
    """Parts of the system prompt that depend on the language."""

    role: str
    tools: str
    work: str


FULL_TOOLS = """\
- search_text finds the lines of files that hold a text. delete_file removes a file, and move_file gives it another \
path."""


def system_prompt(words: PromptWords, *, memory: bool, full: bool = False) -> str:
    """Return the built-in system prompt; only with `memory` does it speak of PROGRESS.md, and only with `full` of the
    tools beyond the original's."""
    tools = f"{words.tools}\n{FULL_TOOLS}" if full else words.tools
    work = f"{words.work}\n{MEMORY}" if memory else words.work
    return "\n\n".join((words.role, tools, work))
