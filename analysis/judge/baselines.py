"""`harness judge baseline`: have a model write the code that subjects are held against."""

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from analysis.command import option
from analysis.errors import AnalysisError
from analysis.judge import direct_baseline
from analysis.judge.baseline_lookup import FOLDER, LEDGER
from analysis.judge.candidates import is_simulated
from analysis.judge.client import JudgeClient
from analysis.judge.model import JudgeModel
from analysis.judge.record import Baseline
from analysis.judge.rows import sampling
from analysis.judge.sources import given_files, read_sources
from harness.config import ConfigError
from harness.ledger import Ledger
from harness.llm.client import OpenAIChat
from harness.outcome import Outcome
from harness.outputs import Outputs
from harness.tasks.catalogue import Task, check_seed, load

STANDARD_ERROR = 2
"""File descriptor for the progress of the run; standard output holds the answer alone."""

WAYS = ("run", "direct")
SAMPLED = ("max_tokens", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty")


@dataclass(frozen=True)
class BaselineRequest:
    """The baseline to write, and the method."""

    task: Annotated[str, option("task", "The bundled task whose contract it is written to.")] = ""
    how: Annotated[str, option("how", "run: a run of the harness, through the gate. direct: one reply.")] = "run"
    overrides: Annotated[list[str], option("override", "run only: key=value for the run; repeatable.")] = field(
        default_factory=list
    )
    log_dir: Annotated[Path, option("log-dir", "The folder of runs.jsonl.")] = Path("outputs")
    attempts: Annotated[int, option("attempts", "direct only: replies that are asked for.")] = 3
    seed: Annotated[int, option("seed", "direct only: seed of the sampling.")] = 1
    stream: Annotated[bool, option("stream", "direct only: ask for streamed replies.")] = False

    def __post_init__(self) -> None:
        if self.how not in WAYS:
            raise AnalysisError(f"--how {self.how}: must be {' or '.join(WAYS)}")
        if self.attempts < 1:
            raise AnalysisError(f"--attempts {self.attempts}: must be 1 or more")


def make_baseline(model: JudgeModel, request: BaselineRequest, say: Callable[[str], None]) -> int:
    """Write a baseline and record it; returns the exit code: 1 if nothing usable came, and nothing is recorded then."""
    try:
        task = load(request.task)
        check_seed(task)
        made = _by_run(model, request, task) if request.how == "run" else _directly(model, request, task)
    except ConfigError as error:
        raise AnalysisError(str(error)) from error
    if isinstance(made, str):
        say(f"no baseline: {made}")
        return 1
    Ledger(request.log_dir / LEDGER).append(made.as_dict())
    say(f"baseline {made.baseline_id} of {made.task}, written by {made.model}: {request.log_dir / made.folder}")
    if made.simulated:
        say("simulated: it says nothing about quality")
    return 0


def _by_run(model: JudgeModel, request: BaselineRequest, task: Task) -> Baseline | str:
    """A run in a log folder of its own, so that no sweep and no table counts it among its runs."""
    outputs = Outputs(request.log_dir / FOLDER)
    ledger = outputs.ledger
    _, before = ledger.since(0)
    # Quoted for Hydra's grammar: names and URLs may hold anything.
    overrides = [
        f"model.{key}='{value}'" for key, value in (("name", model.model), ("endpoint", model.endpoint)) if value
    ]
    overrides += [f"model.{text.removeprefix('model.')}" for text in model.settings]
    command = [sys.executable, "-m", "harness", f"task={task.name}", f"model={model.conf or 'openai_compatible'}"]
    command += [*overrides, *request.overrides, f"log_dir='{request.log_dir / FOLDER}'"]
    code = _waited_for(command)
    lines, _ = ledger.since(before)
    if not lines:
        return f"the run was not made (exit code {code})"
    line = lines[-1]
    if line["outcome"] != Outcome.COMPLETED.value:
        return f"run {line['run_id']} ended as {line['outcome']}, and a baseline is code that passes"
    folder = outputs.folder(line["run_id"]).workspace.relative_to(request.log_dir.absolute()).as_posix()
    sampled = {name: line[name] for name in SAMPLED}
    usage = {name: line[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    made = _baseline(task, request, folder, line["model"], line["server"], simulated=bool(line["simulated"]))
    made.run_id, made.outcome, made.sampling, made.usage = line["run_id"], line["outcome"], sampled, usage
    return made


def _waited_for(command: Sequence[str]) -> int:
    """The exit code of a run. One that is interrupted is given the time to record itself."""
    with subprocess.Popen(command, stdout=STANDARD_ERROR) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise


def _directly(model: JudgeModel, request: BaselineRequest, task: Task) -> Baseline | str:
    """One reply with all files, laid over the seed. Nothing is run: whether it passes is not known."""
    config = model.config
    if config.simulated:
        raise AnalysisError(f"{config.name}: a simulated subject writes in runs only (--how run)")
    name = f"{FOLDER}/direct/{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    log = Ledger(request.log_dir / name / "raw.jsonl")
    with OpenAIChat(config, config.endpoint, stream=request.stream) as chat:
        parse = partial(direct_baseline.files_of, seed=task.seed)
        reply = JudgeClient(chat, request.attempts).ask(
            direct_baseline.question(task), parse, seed=request.seed, log=log
        )
        server = chat.server
    if reply.value is None:
        return f"{reply.reason} (every reply is in {log.path})"
    direct_baseline.write(reply.value, task.seed, request.log_dir / name / "workspace")
    simulated = is_simulated(config.name, server)
    made = _baseline(task, request, f"{name}/workspace", config.name, server, simulated=simulated)
    made.method, made.raw, made.usage = "direct", f"{name}/raw.jsonl", vars(reply.usage)
    made.sampling = sampling(config)
    return made


def _baseline(
    task: Task, request: BaselineRequest, folder: str, model: str, server: Mapping[str, Any], *, simulated: bool
) -> Baseline:
    return Baseline(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        baseline_id=f"{task.name}-{secrets.token_hex(4)}",
        model=model,
        task=task.name,
        contract=task.label,
        contract_sha256=hashlib.sha256(task.prompt.read_bytes()).hexdigest(),
        folder=folder,
        candidate_sha256=read_sources(request.log_dir / folder, given_files(task.name)).sha256,
        simulated=simulated,
        method="run",
        server=server,
    )
