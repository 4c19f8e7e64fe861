"""Actions of a subject that look like trouble: their runs are results, and no record is lost by them."""

import json
from collections.abc import Sequence

import pytest

from harness.config import AgentConfig, ModelConfig, RunConfig, TaskConfig
from harness.metrics import MOST_NAMES, OTHER_NAMES
from harness.outcome import CAUSED_BY_SUBJECT, FaultReason, Outcome
from harness.runner import lost, run
from harness.state import MOST_NAMED, Launch

from dialects import Say
from lab import REVERSE, STOP, Lab, turn, use
from scripted import Raw, ScriptedServer, answer

pytestmark = pytest.mark.go


def said(*calls: tuple[str, str, str], content: str = "") -> Raw:
    """A reply whose body escapes whatever is not ASCII, as some servers do."""
    made = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls]
    message = {"role": "assistant", "content": content, "tool_calls": made}
    return answer({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def code(body: str, *imports: str) -> Say:
    """Write a package that does something as soon as its tests start, and start them."""
    listed = ";".join(f'"{name}"' for name in imports)
    source = REVERSE.replace(
        "package stringutil\n", f"package stringutil\nimport ({listed})\nfunc init() {{ {body} }}\n"
    )
    write = use("write_file", "c1", path="stringutil/stringutil.go", content=source)
    return turn(write, use("go", "c2", args=["test", "./..."]))


ODD_NAMES = code(
    r'os.MkdirAll("d\xff\xfe", 0755); os.WriteFile("d\xff\xfe/x_test.go", []byte("package x"), 0644); '
    r'os.WriteFile("../caf\xe9.txt", []byte("\xff"), 0644)',
    "os",
)
HALF = "\ud800"
CASES: dict[str, Sequence[Say | Raw]] = {
    "files and folders with names that are not UTF-8": [ODD_NAMES],
    "half a character in a tool's name, its arguments or a text": [
        said(use(f"bad{HALF}"), use("write_file", "c2", path=f"a{HALF}", content=HALF), content=HALF),
        said(content=f"<tool_call>{json.dumps({'name': HALF, 'arguments': {}})}</tool_call>"),
    ],
    "an argument or a reply of many megabytes": [
        turn(use("write_file", path="a.txt", content="x" * (5 << 20))),
        turn(use("write_file", path="b.txt", content="x" * (9 << 20))),
    ],
    "a flood of calls, or of names of tools": [turn(*(use(f"name{n}" * 50, f"c{n}") for n in range(2000)))],
    "a flood of output": [code('for { os.Stdout.WriteString("a flood\\n") }', "os")],
    "a crash of its program, or signals to all processes": [
        code("syscall.Kill(-1, 9); syscall.Kill(syscall.Getppid(), 9); panic(1)", "syscall")
    ],
    "a fork bomb": [code('for { exec.Command("/proc/self/exe").Start() }', "os/exec")],
    "thousands of files": [
        code(
            'for n := range 3000 { d := fmt.Sprint("p", n); os.Mkdir(d, 0755); '
            'os.WriteFile(d+"/x_test.go", []byte("package x"), 0644) }',
            "fmt",
            "os",
        )
    ],
    "a wrecked workspace: no module file, pipes, links in a circle, locked folders": [
        code(
            'os.Chdir(".."); os.Rename("go.mod", "x"); os.Mkdir("go.mod", 0); syscall.Mkfifo("f.go", 0644); '
            'os.Symlink("loop", "loop"); os.Chmod("stringutil", 0); os.Chmod(".", 0)',
            "os",
            "syscall",
        ),
        turn(
            use("read_file", "c1", path="f.go"), use("list_dir", "c2"), use("write_file", "c3", path="f.go", content="")
        ),
    ],
    "arguments that are no object, or nested without end": [
        said(("c1", "read_file", "[" * 100_000), ("c2", "write_file", "9" * 5000), ("c3", "done", '{"a": 1e999}'))
    ],
    "a conversation that its server refuses": [turn(use("list_dir", path="."), content="forbidden words")],
}


UNPROTECTED = ("files and folders with names that are not UTF-8", "thousands of files")
"""Actions that leave more behind where nothing restores the spec."""


@pytest.mark.parametrize(
    ("action", "protected"), [*((one, True) for one in CASES), *((one, False) for one in UNPROTECTED)]
)
def test_what_a_subject_causes_is_a_result(lab: Lab, action: str, protected: bool) -> None:
    """One record, which counts, without a reason of a fault, and short however much the subject made up."""

    def refuse(request: dict[str, object]) -> Raw | None:
        if "forbidden" not in json.dumps(request["messages"]):
            return None
        return answer({"error": {"message": "bad messages in the conversation: messages[2]"}}, status=400)

    replies = [*CASES[action], *[STOP] * 8]
    record = lab.run(replies, max_iters=3, cmd_timeout=15.0, protect_tests=protected, refuse=refuse)
    [line] = lab.ledger
    assert record.outcome.counts, record.fault
    assert (record.outcome.value, record.outcome.value, None) == (
        line["outcome"],
        line["counts_as"],
        line["fault_reason"],
    )
    assert "error" not in line["pass_reasons"]
    assert len(json.dumps(line)) < 1 << 20
    kept = json.loads((lab.folder / "runs" / record.run_id / "record.json").read_text())
    assert kept == line
    assert MOST_NAMED + 1 >= len(line["tampering"])
    assert MOST_NAMES + 1 >= len(line["tool_counts"])


def test_the_list_of_actions_is_tried_whole() -> None:
    """The page lists what is tried here, and nothing else."""
    assert list(CAUSED_BY_SUBJECT) == list(CASES)


def test_names_beyond_the_limit_are_counted_together(lab: Lab) -> None:
    """No call is lost from the count."""
    lab.run([*CASES["a flood of calls, or of names of tools"], STOP], max_iters=1)
    [line] = lab.ledger
    assert 2000 == line["tool_calls"] == sum(line["tool_counts"].values())
    assert 2000 - MOST_NAMES == line["tool_counts"][OTHER_NAMES]


def test_each_reason_of_a_fault_has_its_cause(lab: Lab) -> None:
    """A server that fails or sends no reply, one that changed, a machine that fails, and a process that is gone."""

    def full_disk(event: str, _: object) -> None:
        if event == "reply":
            raise OSError(28, "No space left on device")

    with ScriptedServer([], models={"data": [{"id": "scripted", "owned_by": "engine-2"}]}) as server:
        model = ModelConfig(name="scripted", endpoint=server.endpoint)
        config = RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=str(lab.folder))
        before = Launch(fingerprint={"owner": "engine-1"})
        changed = run(config, endpoint=server.endpoint, launch=before)
        gone = lost(config, endpoint=server.endpoint, launch=Launch(), seconds=1.0, reason="its worker was killed")
    broken = AgentConfig(name="broken", command="false {endpoint} {prompt}")
    reasons = {
        FaultReason.SERVER: [lab.run([], max_iters=1), lab.run([answer(b"x" * (9 << 20))], max_iters=1)],
        FaultReason.CHANGED: [changed],
        FaultReason.MACHINE: [lab.run([STOP], on_event=full_disk)],
        FaultReason.AGENT: [lab.run([], agent=broken, elide_passing=False, max_iters=1)],
        FaultReason.LOST: [gone],
    }
    assert list(FaultReason) == list(reasons)
    for reason, records in reasons.items():
        assert [reason] * len(records) == [record.fault_reason for record in records]
        assert {Outcome.FAULT} == {record.outcome for record in records}
