"""Habits of a coding subject, in order. The first habit that has anything to do decides.

A habit looks at the situation and answers with calls, one after the other as it would like to make them; none
means that it has nothing to do. How many of them fit into one turn is settled elsewhere.
"""

from collections.abc import Callable, Iterator

from harness.simulator.exercise import PackageKnowledge
from harness.simulator.mutation import spoil
from harness.simulator.passages import difference
from harness.simulator.situation import NOTES, Situation
from harness.simulator.turn import Call

Habit = Callable[[Situation], list[Call]]


def recall(now: Situation) -> list[Call]:
    """Begin with the notes, if told that there may be some."""
    if now.view.turns or not now.told_to_take_notes or not now.inclined(now.parameters.recalls, "recall"):
        return []
    return [_read(NOTES)]


def probe(now: Situation) -> list[Call]:
    """See what the tests say before looking at anything else."""
    if now.view.report is not None or now.view.written or not now.inclined(now.parameters.tests_first, "probe"):
        return []
    return [now.language.test]


def look_around(now: Situation) -> list[Call]:
    """List the root, then the folders in it."""
    if not now.has_listed("."):
        return [Call("list_dir", {"path": "."})]
    folders = [folder for folder in now.folders if now.inclined(now.parameters.lists, "list", folder)]
    return [_list(folder) for folder in folders if not now.has_listed(folder)]


def finish(now: Situation) -> list[Call]:
    """Call done once the tests pass, as far as can be seen."""
    report = now.view.report
    if report is None or not report.passes or now.view.report_is_old or now.missing or now.view.refusals:
        return []
    return [Call("done", {"summary": "Everything is implemented and the tests pass."})]


def write_early(now: Situation) -> list[Call]:
    """Write what can be written, though not everything was looked at."""
    return implement(now) if now.inclined(now.parameters.writes_early, "early") else []


def sweep(now: Situation) -> list[Call]:
    """Read specs and code, whether the next step needs them or not."""
    return [_read(path) for path in now.unread(list(_of_interest(now)))]


def retest(now: Situation) -> list[Call]:
    """Run the tests on code that an earlier context left, before adding to it."""
    found = any(now.code(unit) for unit in now.units) and not now.view.written
    if now.view.report is not None or not found or not now.inclined(now.parameters.retests, "retest"):
        return []
    return [now.language.test]


def take_notes(now: Situation) -> list[Call]:
    """Begin the notes after the first writes; they are never brought up to date."""
    known = NOTES in now.view.texts or NOTES in now.view.listings.get(".", ())
    if known or not (now.told_to_take_notes and now.view.written):
        return []
    if not now.inclined(now.parameters.takes_notes, "notes"):
        return []
    states = [f"- {p.name}: {'todo' if p in now.missing else 'written'}" for p in now.packages]
    return [Call("write_file", {"path": NOTES, "content": "# Progress\n\n" + "\n".join(states) + "\n"})]


def check_each(now: Situation) -> list[Call]:
    """Run the tests straight after a write."""
    count = str(len(now.view.written))
    return check(now) if now.view.written and now.inclined(now.parameters.tests_each, "each", count) else []


def repair(now: Situation) -> list[Call]:
    """Mend what the last test output shows to fail, once its spec and code are at hand."""
    if now.view.report_is_old:
        return []
    for package in now.broken[:1]:
        if not now.listed(package.unit):
            return [_list(now.language.folder_of(package.unit))]
        unread = now.unread([*now.specs(package.unit), *now.code(package.unit)])
        return [_read(path) for path in unread] or _mend(now, package)
    return []


def implement(now: Situation) -> list[Call]:
    """Write the packages whose spec, and whatever they build on, is in this context."""
    return [call for package in now.ready for call in _write(now, package)]


def prepare(now: Situation) -> list[Call]:
    """Fetch what the next missing package needs to be written."""
    for package in now.missing[:1]:
        wanted = [unit for unit in sorted({package.unit} | package.needs) if not now.listed(unit)]
        lists = [_list(now.language.folder_of(unit)) for unit in wanted]
        return lists or [_read(path) for path in now.lacking(package)]
    return []


def check(now: Situation) -> list[Call]:
    """Run the tests if anything was written since, or if they never were."""
    return [now.language.test] if now.packages and (now.view.report is None or now.view.report_is_old) else []


def insist(now: Situation) -> list[Call]:
    """Call done once, though the tests fail, where nothing is left that could be mended."""
    return [] if now.view.refusals or not now.packages else [Call("done", {"summary": "The work is finished."})]


HABITS: tuple[Habit, ...] = (
    recall,
    probe,
    look_around,
    finish,
    write_early,
    sweep,
    retest,
    take_notes,
    check_each,
    repair,
    implement,
    prepare,
    check,
    insist,
)


def _of_interest(now: Situation) -> Iterator[str]:
    """Return the files that this context wants to read before it writes. The choice is kept from turn to turn."""
    shares = now.parameters
    for path in (name for name in now.view.listings.get(".", ()) if not name.endswith("/")):
        if not now.language.is_source(path) and now.inclined(shares.sweeps_rest, "sweep", path):
            yield path
    for unit in (*now.units, "."):
        share = shares.sweeps_satisfied if now.satisfied(unit) else shares.sweeps_code
        yield from (path for path in now.specs(unit) if now.inclined(shares.sweeps_specs, "sweep", path))
        yield from (path for path in now.code(unit) if now.inclined(share, "sweep", path))


def _write(now: Situation, package: PackageKnowledge) -> list[Call]:
    right = 1 - (now.parameters.slips_composing if package.composes else now.parameters.slips)
    return [
        Call("write_file", {"path": path, "content": _attempt(now, text, right)})
        for path, text in now.right(package).items()
        if path not in now.view.refused
    ]


def _mend(now: Situation, package: PackageKnowledge) -> list[Call]:
    right = now.parameters.repairs_composing if package.composes else now.parameters.repairs
    texts, refused = now.view.texts, now.view.refused
    for path, wanted in now.right(package).items():
        if path in refused or texts.get(path) == wanted:
            continue
        text = _attempt(now, wanted, right)
        passage = difference(texts.get(path, ""), text)
        if passage is not None and now.random.random() < now.parameters.edits:
            old, new = passage
            return [Call("edit_file", {"path": path, "old_string": old, "new_string": new})]
        return [Call("write_file", {"path": path, "content": text})]
    return []


def _attempt(now: Situation, text: str, right: float) -> str:
    """The text, or one with a slip in it; `right` is the share of kilobytes that come out right."""
    if now.random.random() < right ** (len(text) / 1000):
        return text
    return spoil(text, now.random, now.parameters.uncompilable, now.language)


def _read(path: str) -> Call:
    return Call("read_file", {"path": path})


def _list(folder: str) -> Call:
    return Call("list_dir", {"path": folder})
