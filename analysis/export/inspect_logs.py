"""Runs as logs of Inspect (inspect_ai): one log a cell, one epoch a replicate, one span a pass.

Inspect's own classes build and write the logs, so that `inspect view` and its data frames read them. A run that is a
result has the score `completed`, 1 or 0; a fault or an interrupted run is a sample with an error and no score.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from inspect_ai.event import InfoEvent, ModelEvent, ScoreEvent, SpanBeginEvent, SpanEndEvent, ToolEvent
from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalMetric,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    condense_sample,
    write_eval_log,
)
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall, ToolCallError, ToolInfo

from analysis.records.transcripts import Event, PassEvents, StepEvents, TranscriptPasses, read_transcript
from harness.outcome import Outcome, line_counts_as
from harness.outputs import Outputs
from harness.why import why

SCORER = "completed"

Line = Mapping[str, Any]


def write_cell(lines: Sequence[tuple[Line, Path]], folder: Path) -> Path:
    """Write one cell, given as its records with their ledgers, as one log in a folder; return its path."""
    first = lines[0][0]
    epochs = _epochs([line for line, _ in lines])
    samples = [_Sample(line, ledger).build(epoch) for (line, ledger), epoch in zip(lines, epochs, strict=True)]
    log = EvalLog(
        status="success",
        eval=_spec(first, len(lines)),
        results=_results(lines),
        stats=EvalStats(started_at=_aware(first["time"]).isoformat(), completed_at=_ending(lines[-1][0]).isoformat()),
        samples=[condense_sample(sample) for sample in samples],
    )
    path = folder / f"{_aware(first['time']):%Y-%m-%dT%H-%M-%S}_{_file_name(task_of(first))}_{_cell(first)}.eval"
    write_eval_log(log, str(path), format="eval")
    return path


def task_of(line: Line) -> str:
    """Return the short name of a task: `examples/calc/PROMPT.md` is calc, and exercism/go/bowling is itself."""
    path = Path(str(line["task"]))
    return path.parts[-2] if path.name == "PROMPT.md" and len(path.parts) > 1 else str(path)


def _epochs(lines: Sequence[Line]) -> list[int]:
    """Return an epoch for each run: its replicate; a later number where a run was made again after a fault."""
    taken: set[int] = set()
    epochs: dict[int, int] = {}
    last = max([line.get("replicate") or 1 for line in lines])
    for index, line in sorted(enumerate(lines), key=lambda item: not Outcome(line_counts_as(item[1])).counts):
        epoch = line.get("replicate") or 1
        if epoch in taken:
            last += 1
            epoch = last
        taken.add(epoch)
        epochs[index] = epoch
    return [epochs[index] for index in range(len(lines))]


def _spec(line: Line, replicates: int) -> EvalSpec:
    kept = ("sweep", "lever", "memory", "elide_passing", "ctx_limit", "max_iters", "max_steps", "variant", "proof")
    more = ("cell", "simulated", "server", "harness_version", "behaviour", "sandbox", "tools_mode", "go_version")
    sampling = {name: line.get(name) for name in ("max_tokens", "temperature", "top_p", "top_k", "presence_penalty")}
    return EvalSpec(
        created=_aware(line["time"]).isoformat(),
        task=task_of(line),
        task_id=_cell(line),
        eval_id=_cell(line),
        run_id=str(line.get("sweep") or _cell(line)),
        task_args={name: line[name] for name in kept if line.get(name) is not None},
        dataset=EvalDataset(name=task_of(line), samples=1),
        model=str(line["model"]) + (" (simulated)" if line.get("simulated") else ""),
        model_generate_config=GenerateConfig(**sampling),
        config=EvalConfig(epochs=replicates),
        metadata={name: line[name] for name in more if line.get(name) is not None},
    )


def _results(lines: Sequence[tuple[Line, Path]]) -> EvalResults:
    counted = [Outcome(line_counts_as(line)) for line, _ in lines]
    results = [outcome for outcome in counted if outcome.counts]
    completed = sum(outcome is Outcome.COMPLETED for outcome in results)
    metrics = {"mean": EvalMetric(name="mean", value=completed / len(results))} if results else {}
    score = EvalScore(
        name=SCORER,
        scorer=SCORER,
        scored_samples=len(results),
        unscored_samples=len(lines) - len(results),
        metrics=metrics,
    )
    return EvalResults(total_samples=len(lines), completed_samples=len(results), scores=[score])


class _Sample:
    """One run as a sample."""

    def __init__(self, line: Line, ledger: Path) -> None:
        self._line = line
        self._start = _aware(line["time"])
        folder = Outputs(ledger.parent).folder(str(line.get("run_id")))
        self._transcript = read_transcript(folder.transcript) or TranscriptPasses()
        self._messages: list[ChatMessage] = []
        self._tools = [_tool_info(tool) for tool in self._transcript.prompts.get("tools") or ()]

    def build(self, epoch: int) -> EvalSample:
        line, counted = self._line, Outcome(line_counts_as(self._line))
        prompt = str(self._transcript.prompts.get("prompt") or line["task"])
        score = Score(
            value=int(counted is Outcome.COMPLETED),
            answer=counted.value,
            explanation=why(line),
            metadata={"pass_reasons": line.get("pass_reasons"), "units": line.get("units")},
        )
        events = [event for one in self._transcript.passes for event in self._pass(one)]
        if counted.counts:
            events.append(ScoreEvent(timestamp=_ending(line), score=score, scorer=SCORER))
        error = None if counted.counts else EvalError(message=why(line), traceback="", traceback_ansi="")
        usage = ModelUsage(
            input_tokens=line.get("prompt_tokens") or 0,
            output_tokens=line.get("completion_tokens") or 0,
            total_tokens=line.get("total_tokens") or 0,
            input_tokens_cache_read=line.get("cached_tokens"),
        )
        return EvalSample(
            id=task_of(line),
            epoch=epoch,
            input=prompt,
            target="the tests run and pass",
            messages=self._messages,
            scores={SCORER: score} if counted.counts else {},
            metadata={
                "run_id": line.get("run_id"),
                "replicate": line.get("replicate"),
                "simulated": bool(line.get("simulated")),
                "why": why(line),
            },
            events=events,
            model_usage={str(line["model"]): usage},
            started_at=self._start.isoformat(),
            completed_at=_ending(line).isoformat(),
            total_time=line.get("duration_sec"),
            uuid=str(line.get("run_id")),
            error=error,
        )

    def _at(self, event: Event) -> datetime:
        seconds = event.get("at")
        return self._start + timedelta(seconds=seconds if isinstance(seconds, int | float) else 0)

    def _pass(self, one: PassEvents) -> Iterator[Any]:
        span = f"pass-{one.number}"
        begin = self._at(one.steps[0].reply) if one.steps else self._start
        yield SpanBeginEvent(id=span, span_id=span, name=f"pass {one.number}", type="pass", timestamp=begin)
        prompts = self._transcript.prompts
        self._messages = [
            ChatMessageSystem(content=str(prompts.get("system") or "")),
            ChatMessageUser(content=str(prompts.get("prompt") or self._line["task"]) + one.opening),
        ]
        for step in one.steps:
            for event in self._step(step):
                event.span_id = span
                yield event
        for event in one.probe:
            yield InfoEvent(timestamp=self._at(event), span_id=span, source="gate", data=_data(event))
        if one.finished is not None:
            yield InfoEvent(timestamp=self._at(one.finished), span_id=span, source="pass", data=_data(one.finished))
        end = self._at(one.finished) if one.finished else begin
        yield SpanEndEvent(timestamp=end, id=span, span_id=span)

    def _step(self, step: StepEvents) -> Iterator[Any]:
        reply = step.reply
        calls = [_call(call) for call in reply.get("tool_calls") or ()]
        usage = reply.get("usage") or {}
        answer = ChatMessageAssistant(content=_content(reply), tool_calls=calls or None, source="generate")
        output = ModelOutput.from_message(answer)
        output.usage = ModelUsage(
            input_tokens=usage.get("prompt_tokens") or 0,
            output_tokens=usage.get("completion_tokens") or 0,
            total_tokens=usage.get("total_tokens") or 0,
            input_tokens_cache_read=usage.get("cached_tokens"),
        )
        yield ModelEvent(
            timestamp=self._at(reply),
            model=str(self._line["model"]),
            input=list(self._messages),
            tools=self._tools,
            tool_choice="auto",
            config=GenerateConfig(),
            output=output,
            working_time=reply.get("seconds"),
        )
        self._messages.append(answer)
        waiting = {call.id: call for call in calls}
        for event in step.after:
            if event["event"] == "tool":
                yield self._tool(event, waiting.get(str(event.get("id"))))
            else:
                source = "gate" if event["event"].startswith("verdict") else event["event"]
                yield InfoEvent(timestamp=self._at(event), source=source, data=_data(event))

    def _tool(self, event: Event, call: ToolCall | None) -> ToolEvent:
        result = str(event.get("result"))
        failed = result.startswith("ERROR: ")
        error = ToolCallError("unknown", result) if failed else None
        name, identity = str(event.get("name")), str(event.get("id"))
        self._messages.append(ChatMessageTool(content=result, tool_call_id=identity, function=name, error=error))
        understood = event.get("understood") or {}
        return ToolEvent(
            timestamp=self._at(event),
            id=identity,
            function=name,
            arguments=understood.get("arguments") or (call.arguments if call else {}),
            result=result,
            error=error,
            failed=failed,
            working_time=event.get("seconds"),
        )


def _content(reply: Event) -> Any:
    text, reasoning = str(reply.get("content") or ""), reply.get("reasoning")
    return [ContentReasoning(reasoning=str(reasoning)), ContentText(text=text)] if reasoning else text


def _tool_info(tool: Mapping[str, Any]) -> ToolInfo:
    function = tool["function"]
    return ToolInfo(name=function["name"], description=function["description"], parameters=function["parameters"])


def _call(call: Mapping[str, Any]) -> ToolCall:
    text = str(call.get("arguments"))
    try:
        arguments, problem = json.loads(text), None
    except ValueError as error:
        arguments, problem = {}, f"{error}: {text}"
    if not isinstance(arguments, dict):
        arguments, problem = {}, f"not a JSON object: {text}"
    return ToolCall(id=str(call.get("id")), function=str(call.get("name")), arguments=arguments, parse_error=problem)


def _data(event: Event) -> Any:
    return {name: value for name, value in event.items() if name not in ("event", "at")}


def _aware(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()


def _ending(line: Line) -> datetime:
    return _aware(line["time"]) + timedelta(seconds=line.get("duration_sec") or 0)


def _cell(line: Line) -> str:
    return str(line.get("cell") or "no-cell")


def _file_name(text: str) -> str:
    return "".join(one if one.isalnum() or one in "-_" else "-" for one in text)
