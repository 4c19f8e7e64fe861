"""A baseline in one reply: the model gets the prompt and the seed of a task, and returns all files."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from analysis.judge.answer import InvalidReply, handed_in
from analysis.judge.prompt import CALLED, JudgePrompt, quoted
from harness.llm.types import JSON, Reply
from harness.tasks.catalogue import Task
from harness.toolchains.go.files import is_test_file
from harness.workspace import PathError, Workspace

TOOL = "submit_files"

SYSTEM = """\
You write Go. You are given a task and the files that are there already, its tests among them. Hand in every file that
the task still needs, whole, so that its tests pass, written as well as you can. Use the standard library only. Test
files cannot be changed. What you hand in is final: nothing is run in between."""

FORM = """\
{how} with one JSON object and nothing else, of this form:

{{"files": [{{"path": "folder/file.go", "content": "package folder\\n…"}}]}}"""


def question(task: Task) -> JudgePrompt:
    """The request for all files of a task."""
    nonce = secrets.token_hex(16)
    parts = [quoted(nonce, "the task", task.prompt.read_text(encoding="utf-8"))]
    for path, file in Workspace(task.seed).files():
        parts.append(quoted(nonce, f"file {path}", file.read_text(encoding="utf-8", errors="replace")))
    file_schema = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["path", "content"],
    }
    schema = {
        "type": "object",
        "properties": {"files": {"type": "array", "items": file_schema}},
        "required": ["files"],
    }
    function = {"name": TOOL, "description": "Hand in all files of the task.", "parameters": schema}
    form = FORM.format(how=CALLED.format(name=TOOL))
    messages: list[JSON] = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "\n\n".join([*parts, form])},
    ]
    return JudgePrompt(messages, {"type": "function", "function": function})


def files_of(reply: Reply, seed: Path) -> dict[str, str]:
    """The files handed in, by their paths from the root. Raises InvalidReply, which names what cannot be taken.

    No path may lead outside, name a test, or stand where the seed has a folder.
    """
    listed = handed_in(reply, TOOL).get("files")
    if not isinstance(listed, list) or not listed:
        raise InvalidReply("files must be a list of objects with path and content, and not empty")
    inside, files = Workspace(seed), {}
    for one in listed:
        path, content = (one.get("path"), one.get("content")) if isinstance(one, dict) else (None, None)
        if not isinstance(path, str) or not isinstance(content, str):
            raise InvalidReply("each file must have a path and a content, both texts")
        files[_checked(inside, path)] = content
    return files


def write(files: Mapping[str, str], seed: Path, folder: Path) -> None:
    """Lay files that were checked over a copy of the seed."""
    workspace = Workspace(folder)
    workspace.reseed(seed)
    for path, content in files.items():
        target = workspace.resolve(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", errors="replace")


def _checked(inside: Workspace, path: str) -> str:
    """The path from the root, as it will be written."""
    shown = json.dumps(path)[:80]
    if path.startswith("/") or ".." in path.split("/"):
        raise InvalidReply(f"the path {shown} must be one from the root of the module")
    try:
        real = inside.resolve(path)
    except PathError as error:
        raise InvalidReply(str(error)) from error
    if is_test_file(real):
        raise InvalidReply(f"{shown} is a test file, which cannot be changed")
    if real.is_dir() or any(parent.is_file() for parent in real.parents):
        raise InvalidReply(f"the path {shown} cannot be a file: there is a folder, or a file where its folder would be")
    return inside.relative(real)
