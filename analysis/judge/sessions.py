"""Sessions of judgments: the plan, and the judgments that are not recorded yet, one by one."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from analysis.judge.answer import Scores, handed_in, scores
from analysis.judge.candidates import Candidate
from analysis.judge.client import JudgeClient, JudgeReply, recovered
from analysis.judge.prompt import LETTERS, TOOL, question
from analysis.judge.record import LEDGER, CandidateRole, JudgmentOutcome, PresentationOrder, weighted
from analysis.judge.rows import JudgmentTerms, PlannedJudgment, SignalsOrReason, judgment, sampling
from analysis.judge.rubric import Rubric
from analysis.judge.selection import CandidatePair
from analysis.judge.sources import clipped
from harness.config import digest
from harness.ledger import Ledger
from harness.llm.types import Reply

MOST_UNANSWERED = 3
"""Judgments in a row without any reply after which the command stops."""


@dataclass
class SessionCounts:
    """Numbers of judgments by result."""

    judged: int = 0
    before: int = 0
    """Already recorded."""
    faults: int = 0
    given_up: bool = False
    """True if the judge stopped answering, so that the rest was left."""


def plan(pairs: Sequence[CandidatePair], sessions: int, terms: JudgmentTerms) -> list[PlannedJudgment]:
    """Every session of every pair in both orders: session by session, pairs and orders drawn anew in each."""
    planned = []
    for session in range(sessions):
        drawn = random.Random(f"{terms.seed} {session}")
        for pair in drawn.sample([*pairs], len(pairs)):
            for order in drawn.sample([*PresentationOrder], len(PresentationOrder)):
                own = digest([pair.id, session, order, terms.rubric.sha256, sampling(terms.model)])[:16]
                seed = int(digest([own, terms.seed])[:8], 16) & 0x7FFF_FFFF
                planned.append(PlannedJudgment(pair, session, order, own, seed))
    return planned


class _RecordedLines:
    """Lines of the ledgers; each line is read once."""

    def __init__(self) -> None:
        self._ends: dict[Path, int] = {}
        self._seen: set[tuple[str, str]] = set()

    def missing(self, one: PlannedJudgment) -> list[CandidateRole]:
        """The candidates without a line of this judgment; faults are no judgments."""
        root = one.pair.root
        lines, self._ends[root] = Ledger(root / LEDGER).since(self._ends.get(root, 0))
        judged = (line for line in lines if line.get("outcome") == JudgmentOutcome.JUDGED.value)
        self._seen |= {(line["judgment_id"], line["role"]) for line in judged}
        return [role for role in CandidateRole if (one.id, role.value) not in self._seen]


@dataclass
class Sessions:
    """Makes judgments, and records each before the next request."""

    client: JudgeClient
    terms: JudgmentTerms
    signals: Callable[[Path], SignalsOrReason]
    say: Callable[[str], None]
    _signals: dict[Path, SignalsOrReason] = field(default_factory=dict)
    _recorded: _RecordedLines = field(default_factory=_RecordedLines)

    def run(self, planned: Sequence[PlannedJudgment]) -> SessionCounts:
        """Make the judgments that are not recorded yet; an interruption loses no recorded one."""
        tally, unanswered = SessionCounts(), 0
        for place, one in enumerate(planned, start=1):
            if not self._recorded.missing(one):
                tally.before += 1
                continue
            reply = self._reply(one)
            self._record(one, reply)
            self.say(f"[{place}/{len(planned)}] {_summary(one, reply, self.terms.rubric)}")
            tally.judged += reply.value is not None
            tally.faults += reply.value is None
            unanswered = unanswered + 1 if reply.unanswered else 0
            if unanswered == MOST_UNANSWERED:
                tally.given_up = True
                break
        return tally

    def _reply(self, one: PlannedJudgment) -> JudgeReply[Scores]:
        """The judgment, from its raw file if the answer came but was not recorded, else from the judge."""
        log = Ledger(one.pair.root / one.raw)
        parse = partial(_parsed, dimensions=[*self.terms.rubric.weights])
        earlier = recovered(log, parse)
        if earlier is not None:
            return earlier
        by_letter = {one.order.position(role): one.pair.candidate(role) for role in CandidateRole}
        shown = [clipped(by_letter[letter].sources, self.terms.most) for letter in LETTERS]
        prompt = question(self.terms.rubric, one.pair.contract.text, shown)
        return self.client.ask(prompt, parse, seed=one.seed, log=log)

    def _record(self, one: PlannedJudgment, reply: JudgeReply[Scores]) -> None:
        """Append the lines of both candidates, or of the one that a kill kept out."""
        server = self.client.model.server
        signals = {role: self._signals_of(one.pair.candidate(role)) for role in CandidateRole}
        rows = {role: judgment(one, role, reply, self.terms, server, signals[role]) for role in CandidateRole}
        with Ledger(one.pair.root / LEDGER).locked() as append:
            for role in self._recorded.missing(one):
                append(rows[role].as_dict())

    def _signals_of(self, candidate: Candidate) -> SignalsOrReason:
        if candidate.folder not in self._signals:
            self._signals[candidate.folder] = self.signals(candidate.folder)
        return self._signals[candidate.folder]


def _parsed(reply: Reply, dimensions: Sequence[str]) -> Scores:
    return scores(handed_in(reply, TOOL), dimensions)


def _summary(one: PlannedJudgment, reply: JudgeReply[Scores], rubric: Rubric) -> str:
    """One judgment in one line."""
    head = f"{one.pair.id} session {one.session} {one.order.value}:"
    if reply.value is None:
        return f"{head} fault: {reply.reason}"
    subject, baseline = (weighted(reply.value[one.order.position(role)], rubric.weights) for role in CandidateRole)
    return f"{head} subject {subject:.3f}, baseline {baseline:.3f}, gap {subject - baseline:+.3f}"
