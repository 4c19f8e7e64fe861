"""All rules that question published figures, and what each of them finds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.study.published import flags, judged_flags
from analysis.study.published.citation import claim_flags
from analysis.study.published.flag import Flag
from analysis.study.published.invalid import invalid_flags
from analysis.study.published.ledger import PublishedResults
from analysis.study.published.printed import checks
from analysis.study.published.recompute import RecomputedTest
from analysis.study.published.sequence import sequence_flags


@dataclass(frozen=True)
class PublishedRule:
    """One rule; its docstring says what it looks for."""

    check: Callable[..., Iterable[Flag]]
    reads: tuple[str, ...]
    """The evidence that it reads: the published tables, the recomputed tests or the checked figures."""

    @property
    def purpose(self) -> str:
        """Return the first line of its docstring."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


RULES = (
    PublishedRule(flags.sidedness, ("results",)),
    PublishedRule(flags.unexplained, ("results",)),
    PublishedRule(flags.arithmetic, ("checks",)),
    PublishedRule(flags.remarks, ("published",)),
    PublishedRule(flags.overlaps, ("published", "results")),
    PublishedRule(flags.mixtures, ("published", "results")),
    PublishedRule(invalid_flags, ("published",)),
    PublishedRule(sequence_flags, ("published",)),
    PublishedRule(claim_flags, ("published",)),
    PublishedRule(flags.comparability, ("published", "results")),
    PublishedRule(flags.multiplicity, ("results",)),
    PublishedRule(flags.looks, ("published", "results")),
    PublishedRule(flags.powerless, ("results",)),
    PublishedRule(flags.unsupported, ("results",)),
    *(
        PublishedRule(check, ("published",))
        for check in (
            judged_flags.arithmetic,
            judged_flags.noise,
            judged_flags.mixtures,
            judged_flags.repeated,
            judged_flags.authors,
            judged_flags.unversioned,
            judged_flags.orders,
            judged_flags.singles,
        )
    ),
)


@dataclass(frozen=True)
class Findings:
    """Findings of each rule."""

    by_rule: Sequence[tuple[PublishedRule, Sequence[Flag]]]

    @property
    def flags(self) -> list[Flag]:
        """All findings, each once, in the order of the rules."""
        return list(dict.fromkeys(flag for _, raised in self.by_rule for flag in raised))


def findings(published: PublishedResults, results: Sequence[RecomputedTest]) -> Findings:
    """Ask every rule."""
    evidence: dict[str, Any] = {"published": published, "results": results, "checks": checks(published)}
    asked = ((rule, rule.check(*(evidence[name] for name in rule.reads))) for rule in RULES)
    return Findings([(rule, list(dict.fromkeys(raised))) for rule, raised in asked])
