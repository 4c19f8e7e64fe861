"""A server that is started here: any program that answers, watched like a real one."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from harness.config import ConfigError, ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.installation import data_folder
from harness.llm.connection import reachable
from harness.servers.managed import MOST_CRASHES, ManagedServer, requested_window

SERVER = """
import http.server, subprocess, sys
print("started with", sys.argv[1:], flush=True)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    """A managed server at a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    program = tmp_path / "server.py"
    program.write_text(SERVER)
    command = f"{sys.executable} {program} {{port}} {{model}} {{name}} {{window}}"
    return RunConfig(
        model=ModelConfig(name="m", endpoint=endpoint),
        task=TaskConfig(name="reverse"),
        server=ServerConfig(managed=True, command=command, window=4096, ready_timeout=20),
    )


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("child ")]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_server_is_started_waited_for_logged_and_stopped_whole(config: RunConfig, tmp_path: Path) -> None:
    """It answers as soon as it is there, its output is kept, and nothing of it stays behind."""
    log = tmp_path / "logs" / "server.log"
    with ManagedServer(config, log, print):
        assert reachable(config.model.endpoint, 1) is None
        assert "'m', 'm', '4096'" in log.read_text()
        [child] = children(log)
        assert lives(child)
    assert reachable(config.model.endpoint, 1) is not None
    until(lambda: not lives(child))


def test_a_crash_is_told_and_mended(config: RunConfig, tmp_path: Path) -> None:
    """The server is started again, and what the crashed one had started is gone."""
    lines: list[str] = []
    log = tmp_path / "server.log"
    with ManagedServer(config, log, lines.append) as server:
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: len(children(log)) == 2)
        until(lambda: reachable(config.model.endpoint, 1) is None)
        assert not lives(children(log)[0])
    assert [f"the server ended with exit code -9 and is started again; see {log}"] == lines


def test_a_server_that_crashes_on_is_left_down(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patience ends, and that is told."""
    monkeypatch.setattr("harness.servers.managed.CRASH_PAUSE", 0.0)
    lines: list[str] = []
    log = tmp_path / "server.log"
    with ManagedServer(config, log, lines.append) as server:
        for crash in range(MOST_CRASHES + 1):
            until(lambda crash=crash: len(children(log)) == crash + 1)  # type: ignore[misc]
            os.kill(server.pid, signal.SIGKILL)
        until(lambda: len(lines) == MOST_CRASHES + 1)
    assert f"the server crashed {MOST_CRASHES + 1} times and stays down; see {log}" == lines[-1]


def test_what_cannot_be_started_is_told_in_one_line(config: RunConfig, tmp_path: Path) -> None:
    """A command that is not there, one that ends, one that is never ready, and one of odd placeholders."""
    for command, seconds, words in (
        ("no-such-server {model}", 5.0, "no-such-server cannot be started: No such file or directory"),
        (f"{sys.executable} -c 'exit(3)'", 5.0, "it ended with exit code 3; see "),
        (f"{sys.executable} -c 'import time; time.sleep(60)'", 0.5, "no answer within 0.5 s; see "),
        ("serve {nonsense}", 5.0, "must be a command with {model}, {name}, {host}, {port}, {window}"),
        ("serve 'half", 5.0, "must be a command with {model}, {name}, {host}, {port}, {window}"),
    ):
        odd = replace(config, server=ServerConfig(managed=True, command=command, ready_timeout=seconds))
        with pytest.raises(ConfigError) as caught:
            ManagedServer(odd, tmp_path / "server.log", print)
        assert (True, False) == (words in str(caught.value), "\n" in str(caught.value))


def test_a_place_that_is_taken_is_told(config: RunConfig, tmp_path: Path) -> None:
    """Whoever answers there already is not ours to talk to."""
    with (
        ManagedServer(config, tmp_path / "server.log", print),
        pytest.raises(ConfigError, match=r"answers at .* already"),
    ):
        ManagedServer(config, tmp_path / "other.log", print)


def test_the_window_of_a_managed_server_is_known_from_its_command(config: RunConfig) -> None:
    """Where it sets one; that of a server that runs already is not known from the config."""
    assert 4096 == requested_window(config)
    without = replace(config.server, command="serve --port {port}")
    assert [None, None] == [
        requested_window(replace(config, server=server)) for server in (without, ServerConfig(window=4096))
    ]


def test_a_command_and_a_managed_server_belong_together() -> None:
    """One without the other is a mistake, told in one line."""
    for wrong in ({"managed": True}, {"command": "serve"}):
        with pytest.raises(ConfigError, match="must be the command of a managed server"):
            ServerConfig(**wrong)  # type: ignore[arg-type]


LMS = """#!/bin/sh
echo "$@" >> calls.txt
case "$1 $2" in
  "server start") exec python3 -m http.server --bind 127.0.0.1 "$4" >/dev/null 2>&1 & ;;
esac
"""
"""Stands in for LM Studio's command: notes how it is called, and serves something."""


def test_lm_studio_loads_the_model_that_is_named_and_unloads_it(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly that one, by its whole path, also where a name holds a space; nothing stays loaded."""
    program = tmp_path / "bin" / "lms"
    program.parent.mkdir()
    program.write_text(LMS)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    chosen = yaml.safe_load((data_folder("conf") / "server" / "lm_studio.yaml").read_text(encoding="utf-8"))
    model = replace(config.model, name="my name", path="maker/model/file one.gguf")
    server = replace(config.server, command=chosen["command"])
    with ManagedServer(replace(config, model=model, server=server), tmp_path / "server.log", print):
        until(lambda: "load" in (tmp_path / "calls.txt").read_text().replace("unload", ""))
    port = config.model.endpoint.rpartition(":")[2].partition("/")[0]
    expected = [
        f"server start --port {port}",
        "load maker/model/file one.gguf --exact --identifier my name --context-length 4096",
        "unload my name",
        "server stop",
    ]
    assert expected == (tmp_path / "calls.txt").read_text().splitlines()


OMLX = """#!/bin/sh
echo "$@" > call.txt
touch "$3/settings.json"
exec python3 -m http.server --bind 127.0.0.1 "$9"
"""


def test_omlx_saves_its_settings_where_they_do_no_harm(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a folder of its own, which is gone afterwards."""
    program = tmp_path / "bin" / "omlx"
    program.parent.mkdir()
    program.write_text(OMLX)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    chosen = yaml.safe_load((data_folder("conf") / "server" / "omlx.yaml").read_text(encoding="utf-8"))
    server = replace(config.server, command=chosen["command"])
    with ManagedServer(replace(config, server=server), tmp_path / "server.log", print):
        _, flag, folder, *_ = (tmp_path / "call.txt").read_text().split()
        assert ("--base-path", ["settings.json"]) == (flag, [file.name for file in Path(folder).iterdir()])
    assert not Path(folder).exists()
