"""What every sandbox promises, and what the confining ones promise beyond."""

import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from harness.sandbox.base import Sandbox, SandboxError
from harness.sandbox.environment import gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.sandbox.select import CONFINING, KINDS, described, open_sandbox, probe
from harness.toolchains.go.installation import GoInstallation


def opened(kind: str, toolchain: GoInstallation, folder: Path) -> Sandbox:
    if kind in CONFINING and (reason := probe(kind)):
        pytest.skip(f"{kind}: {reason}")
    (folder / "root").mkdir()
    return open_sandbox(kind, toolchain, folder / "scratch", folder / "root", saved=folder / "saved")


@pytest.fixture(params=[*CONFINING, "none"])
def any_sandbox(request: pytest.FixtureRequest, toolchain: GoInstallation, tmp_path: Path) -> Sandbox:
    return opened(request.param, toolchain, tmp_path)


@pytest.fixture(params=list(CONFINING))
def confining(request: pytest.FixtureRequest, toolchain: GoInstallation, tmp_path: Path) -> Sandbox:
    return opened(request.param, toolchain, tmp_path)


def shell(sandbox: Sandbox, script: str, root: Path, timeout: float = 20) -> str:
    return sandbox.run(["sh", "-c", script], cwd=root, timeout=timeout).output


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def test_it_runs_in_its_folder_and_may_write_there(any_sandbox: Sandbox, root: Path) -> None:
    """The command works where it is told, what it writes stays, and its status and output come back."""
    finished = any_sandbox.run(["sh", "-c", "pwd; echo kept > file; echo aside >&2; exit 3"], cwd=root, timeout=20)
    expected = (3, f"{root}\naside\n\n[exit status 3]")
    assert (finished.exit_code, finished.output) == expected
    assert (root / "file").read_text() == "kept\n"


def test_it_streams_lines(any_sandbox: Sandbox, root: Path) -> None:
    """Standard output goes to the handler, the rest is the output."""
    lines: list[bytes] = []
    argv = ["sh", "-c", "echo one; echo aside >&2"]
    finished = any_sandbox.run(argv, cwd=root, timeout=20, on_line=lines.append)
    assert (lines, finished.output) == ([b"one"], "aside\n")


def test_it_ends_whatever_was_started(any_sandbox: Sandbox, root: Path) -> None:
    """Neither a time limit nor an end leaves a process that could still act."""
    late = "setsid sh -c 'sleep 1.2; touch late' & setsid sh -c 'setsid sh -c \"sleep 1.2; touch later\" &' & "
    begun = time.monotonic()
    assert any_sandbox.run(["sh", "-c", late + "sleep 60"], cwd=root, timeout=0.5).timed_out
    any_sandbox.run(["sh", "-c", late + "sleep 0.2"], cwd=root, timeout=20)
    assert time.monotonic() - begun < 3
    time.sleep(1.5)
    assert list(root.iterdir()) == []


def test_a_program_that_is_not_there_is_a_fault_of_the_setup(any_sandbox: Sandbox, root: Path) -> None:
    """It raises, so that nobody takes it for a result."""
    with pytest.raises(SandboxError, match="no-such-program"):
        any_sandbox.run(["no-such-program"], cwd=root, timeout=20)


def test_nothing_of_the_operators_environment_gets_in(
    any_sandbox: Sandbox, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret in the harness's environment is not in the command's."""
    monkeypatch.setenv("SECRET_API_KEY", "sk-planted")
    assert "planted" not in shell(any_sandbox, "env", root)


@pytest.mark.go
def test_go_works_inside(any_sandbox: Sandbox, root: Path) -> None:
    """A module is built and tested, and its tests may serve and call themselves over loopback."""
    (root / "go.mod").write_text("module m\n\ngo 1.26\n")
    (root / "m_test.go").write_text(
        """package m

import (
	"net"
	"testing"
)

func TestLoopback(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
}
"""
    )
    finished = any_sandbox.run(["go", "test", "./..."], cwd=root, timeout=200)
    assert (finished.exit_code, finished.output[:5]) == (0, "ok  \t"), finished.output


def test_files_of_others_cannot_be_read_or_written(confining: Sandbox, root: Path, tmp_path: Path) -> None:
    """Neither a file beside the folder, nor one of the home, nor a link to either is reached."""
    secret = tmp_path / "secret"
    secret.write_text("planted")
    (root / "link").symlink_to(secret)
    script = f"cat {secret}; cat link; echo x > {secret}; echo x > link; rm {secret}; ls {Path.home()}"
    assert "planted" not in shell(confining, script, root)
    assert secret.read_text() == "planted"


@pytest.fixture
def repository(root: Path) -> Path:
    for name in (".git", "sub/.git"):
        (root / name / "hooks").mkdir(parents=True)
        (root / name / "config").write_text("mine")
    (root / ".envrc").write_text("mine")
    return root


def contents(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("echo x > .git/config", ".git/config"),
        ("echo x > .git/hooks/pre-commit; chmod 755 .git/hooks/pre-commit", ".git/hooks/pre-commit"),
        ("rm -rf .git", ".git"),
        ("mv .git other; mkdir -p .git/hooks; echo x > .git/config", ".git"),
        ("rm .envrc; echo x > .envrc", ".envrc"),
        ("chmod 777 sub/.git/config", "sub/.git/config"),
        ("mv sub elsewhere", "sub/.git"),
    ],
)
def test_what_programs_run_by_themselves_is_as_it_was(
    any_sandbox: Sandbox, repository: Path, script: str, named: str
) -> None:
    """After a command that changes a repository or a start-up file, the folder's owner finds them as they were."""
    before = contents(repository)
    done = any_sandbox.run(["sh", "-c", script], cwd=repository, timeout=20)
    assert before == contents(repository)
    assert 0 == (repository / "sub" / ".git" / "config").stat().st_mode & 0o022
    # Where it could not even be tried, there was nothing to undo.
    assert done.put_back == () or any(name.startswith(named) for name in done.put_back), done


@pytest.mark.parametrize(
    "script",
    [
        "mkdir -p .git/hooks && echo x > .git/config",
        "mkdir -p a/b/.GIT && echo x > a/b/.GIT/config",
        "mkdir a; echo 'gitdir: /elsewhere' > a/.git",
        "ln -s /etc .vscode",
        "mkdir .any-tool; echo x > .any-tool/tasks",
        "echo x > .envrc",
        "mkdir .git; chmod 0 .git",
        "mkdir -p bare/objects bare/refs; echo 'ref: refs/heads/x' > bare/HEAD",
    ],
)
def test_nothing_new_that_programs_run_outlives_a_command(any_sandbox: Sandbox, root: Path, script: str) -> None:
    """It is gone before anybody sees it, named, and saved where nothing runs it; what else was made stays."""
    done = any_sandbox.run(["sh", "-c", f"{script}; echo kept > .gitignore"], cwd=root, timeout=20)
    left = {path.name for path in root.rglob("*")}
    assert (1, set()) == (len(done.put_back), left - {"a", "b", "bare", "objects", "refs", ".gitignore"})
    assert "kept\n" == (root / ".gitignore").read_text()
    assert 1 == len(list((root.parent / "saved").iterdir()))


def test_a_commit_of_the_user_is_not_undone(any_sandbox: Sandbox, repository: Path) -> None:
    """What git writes during a command, started elsewhere, stays."""
    writer = threading.Timer(0.5, (repository / ".git" / "index").write_text, ["committed"])
    writer.start()
    done = any_sandbox.run(["sleep", "1.2"], cwd=repository, timeout=20)
    writer.join()
    assert ("committed", ()) == ((repository / ".git" / "index").read_text(), done.put_back)


def test_the_toolchain_and_the_system_cannot_be_changed(
    confining: Sandbox, root: Path, toolchain: GoInstallation
) -> None:
    """They can be read and run, and that is all."""
    source = toolchain.go.resolve().parent.parent / "src" / "testing" / "testing.go"
    before = source.read_bytes()
    script = f"echo x >> {source}; echo x > {toolchain.go}; echo x > /usr/planted; head -c 12 {source}"
    assert shell(confining, script, root).count("Copyright") <= 1
    assert (source.read_bytes(), Path("/usr/planted").exists()) == (before, False)


@pytest.mark.go
def test_the_cache_of_the_gate_is_read_and_cannot_be_written(
    confining: Sandbox, root: Path, toolchain: GoInstallation
) -> None:
    """What the gate has built is not built again, and what a run builds or writes itself never gets there."""
    (root / "go.mod").write_text("module m\n\ngo 1.26\n")
    (root / "m.go").write_text('package m\n\nimport "strings"\n\nvar M = strings.ToUpper("m")\n')
    gate = gate_build_cache()
    LocalSandbox(toolchain, root.parent / "builder", gate).run(["go", "build", "strings"], cwd=root, timeout=200)
    output = confining.run(["go", "build", "-x", "./..."], cwd=root, timeout=200).output
    compiled = re.findall(r"/compile -o .* -p (\S+)", output)
    assert ["m"] == compiled, output
    entry = next(gate.glob("??/*-a"))
    content = entry.read_bytes()
    shell(confining, f"echo poison >> {entry}; rm {entry}; touch {gate}/planted {gate}/00/planted-a", root)
    assert content == entry.read_bytes()
    assert [] == list(gate.rglob("planted*"))


def test_no_process_of_others_can_be_ended(confining: Sandbox, root: Path) -> None:
    """The harness itself is out of reach of a signal."""
    assert "done" in shell(confining, f"kill -KILL {os.getpid()}; kill -KILL $PPID; echo done", root)


def test_no_memory_can_be_written_past_type_safety(confining: Sandbox, root: Path) -> None:
    """A process cannot open its own memory as a file, nor its parent's."""
    output = shell(confining, "head -c 1 /proc/self/mem && echo open; head -c 1 /proc/$PPID/mem && echo open", root)
    assert "open\n" not in output


def test_no_network_is_there(confining: Sandbox, root: Path) -> None:
    """Not even a server on this machine's own loopback is reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        shell(confining, f"command -v bash && bash -c 'echo hello > /dev/tcp/127.0.0.1/{port}'", root)
        with pytest.raises(TimeoutError):
            server.accept()


def test_another_folder_can_be_put_in_sight_instead(confining: Sandbox, root: Path, tmp_path: Path) -> None:
    """Over another folder, that one is seen and the first is not."""
    other = tmp_path / "other"
    other.mkdir()
    (root / "mine").write_text("planted")
    output = shell(confining.over(other), f"cat {root}/mine; echo kept > file", other)
    assert ("planted" in output, (other / "file").read_text()) == (False, "kept\n")


def test_auto_takes_the_strongest_that_works(toolchain: GoInstallation, tmp_path: Path) -> None:
    """What works is found by trying; without any, nothing confines."""
    expected = next((kind for kind in CONFINING if not probe(kind)), "none")
    assert open_sandbox("auto", toolchain, tmp_path / "scratch", tmp_path).name == expected


def test_a_sandbox_that_does_not_work_is_an_error(
    toolchain: GoInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was asked for is never replaced by a weaker one; an unknown one is named with the known."""
    probe.cache_clear()
    monkeypatch.setattr("harness.sandbox.environment.SYSTEM_PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="sandbox=bwrap does not work here: cannot start bwrap: not found"):
        open_sandbox("bwrap", toolchain, tmp_path / "scratch", tmp_path)
    probe.cache_clear()
    with pytest.raises(SandboxError, match=f"sandbox=jail: must be one of {', '.join(KINDS)}"):
        open_sandbox("jail", toolchain, tmp_path / "scratch", tmp_path)


def test_what_an_older_kernel_leaves_open_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the sandbox, on the screen and in the record, says what this kernel cannot hold back."""
    monkeypatch.setattr("harness.sandbox.landlock.version", lambda: 5)
    said = "landlock (signals to other processes of this user are not held back)"
    assert [said, "bwrap"] == [described("landlock"), described("bwrap")]
    monkeypatch.setattr("harness.sandbox.landlock.version", lambda: 6)
    assert "landlock" == described("landlock")
