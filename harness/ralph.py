"""The Ralph loop: one prompt, a fresh context in every pass, files as the only memory, and a gate that decides."""

from dataclasses import dataclass, field
from typing import Protocol

from harness.config import RunConfig
from harness.gate.gate import Gate
from harness.gate.verdict import Verdict, VerifierError
from harness.limits import Deadline
from harness.meter.pass_meter import PassResult
from harness.outcome import Outcome, PassReason
from harness.record import Metrics, PassRecord
from harness.tools.elision import Elision
from harness.transcript import Transcript
from harness.workspace import Workspace


@dataclass
class RunTally:
    """Counts and results of a run so far. They outlive an interrupt or a fault."""

    passes: int = 0
    per_pass: list[PassRecord] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)
    verdict: Verdict | None = None
    """The latest verdict; None before the first."""
    tampering: set[str] = field(default_factory=set)
    error: str | None = None
    """The error of the latest pass that failed."""
    agent_broken: bool = False
    """True if the latest pass that failed did so because of the agent's command."""
    stalls: int = 0
    """Latest passes in a row that ended because the server stalled."""
    spent: str | None = None
    """The limit that the run reached: `max_iters` or `run_timeout`; None if it reached none."""

    @property
    def ran_cleanly(self) -> bool:
        """Return True if at least one pass ended without an error of the server."""
        return any(done.reason != PassReason.ERROR for done in self.per_pass)

    @property
    def refusal(self) -> str:
        """Return what the gate last said, if it refused; else an empty text."""
        return self.verdict.feedback if self.verdict and not self.verdict.accepted else ""

    def take(self, verdict: Verdict) -> None:
        """Keep the verdict and the tampering that it reports."""
        self.verdict = verdict
        self.tampering.update(verdict.tampering)


class PassRunner(Protocol):
    """An agent: it runs one pass over the workspace at a time."""

    def run(self, system: str, prompt: str, last: PassRecord | None = None) -> PassResult:
        """Run one pass with a fresh context and return its result; `last` is the pass before."""
        ...


class RalphLoop:
    """Repeat passes over one prompt until the gate accepts, nothing changes any more, or the budget is spent."""

    def __init__(
        self,
        config: RunConfig,
        agent: PassRunner,
        workspace: Workspace,
        gate: Gate,
        elision: Elision,
        tally: RunTally,
        transcript: Transcript,
        deadline: Deadline,
    ) -> None:
        self._config = config
        self._deadline = deadline
        self._agent = agent
        self._workspace = workspace
        self._gate = gate
        self._elision = elision
        self._tally = tally
        self._transcript = transcript

    def run(self, system: str, prompt: str) -> Outcome:
        """Run all passes and return the outcome. Only KeyboardInterrupt and faults of the machine leave it early."""
        verified = before = self._workspace.fingerprint()
        staleness = _Staleness(self._config.max_stale)
        for _ in range(self._config.max_iters):
            result = self._pass(system, prompt)
            now = self._workspace.fingerprint()
            completed = result.reason is PassReason.COMPLETED
            if not completed:
                completed, verified = self._probe(now, verified)
            self._note(result, changed=now != before)
            if completed:
                return Outcome.COMPLETED
            if self._deadline.passed:
                return self._out_of("run_timeout")
            if staleness.reached(now):
                return self._given_up(Outcome.STAGNATED)
            before = now
        return self._out_of("max_iters")

    def _pass(self, system: str, prompt: str) -> PassResult:
        if not self._config.memory:
            self._workspace.wipe_scratch()
        self._tally.passes += 1
        self._transcript.write("pass_started", number=self._tally.passes)
        elided = self._elision.count
        try:
            result = self._agent.run(system, prompt, self._tally.per_pass[-1] if self._tally.per_pass else None)
        finally:
            self._tally.metrics.add(Metrics(elided_reads=self._elision.count - elided))
        if result.reason is PassReason.RUN_TIMEOUT and not self._tally.metrics.model_calls:
            result.reason = PassReason.ERROR  # time that ran out before the server ever answered
        return result

    def _probe(self, now: str, verified: str) -> tuple[bool, str]:
        """Verify changed work even if the model forgot to say `done`; return the fingerprint last verified."""
        if now == verified:
            return False, verified
        try:
            return self._gate.verify().accepted, now
        except VerifierError:
            return False, verified

    def _note(self, result: PassResult, *, changed: bool) -> None:
        green = self._tally.verdict.green if self._tally.verdict else None
        done = PassRecord(
            reason=result.reason,
            steps=result.steps,
            peak_tokens=result.peak_tokens,
            loads=result.loads,
            acts=result.acts,
            read_bytes=result.metrics.read_bytes,
            changed=changed,
            packages_green=None if green is None else len(green),
            exit_code=result.exit_code,
        )
        self._tally.per_pass.append(done)
        if result.error:
            self._tally.error, self._tally.agent_broken = result.error, result.agent_broken
        self._tally.stalls = self._tally.stalls + 1 if result.stalled else 0
        self._transcript.write("pass_finished", number=self._tally.passes, error=result.error, **vars(done))

    def _out_of(self, limit: str) -> Outcome:
        self._tally.spent = limit
        return self._given_up(Outcome.BUDGET)

    def _given_up(self, outcome: Outcome) -> Outcome:
        """Return the outcome of a run that gave up: a fault if the endpoint never answered or hung until the end."""
        stuck = outcome is Outcome.STAGNATED and self._tally.stalls >= self._config.max_stale
        return outcome if self._tally.ran_cleanly and not stuck else Outcome.FAULT


class _Staleness:
    """Counts consecutive passes that changed nothing. The first fingerprint is only the reference."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._mark: str | None = None
        self._count = 0

    def reached(self, fingerprint: str) -> bool:
        self._count = self._count + 1 if fingerprint == self._mark else 0
        self._mark = fingerprint
        return 0 < self._limit <= self._count
