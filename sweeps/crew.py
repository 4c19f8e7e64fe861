"""The workers of a sweep, one for each endpoint: who is given which run, and what becomes of what they say.

All of it happens in one thread: what the workers say is listened to, and only here is anything recorded.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness import __version__
from harness.config import BEHAVIOUR_VERSION, ConfigError
from harness.interrupts import INTERRUPTED
from harness.outputs import Outputs
from harness.record import Outcome
from harness.run import lost
from sweeps.dealing import Dealing
from sweeps.history import Key
from sweeps.lanes import Lane
from sweeps.launcher import FAULTS_LEFT, MOST_FAULTS_IN_A_ROW
from sweeps.messages import Broken, Died, Fit, Gone, Happened, Hello, Look, Made, Make, Message, Said, Unfit
from sweeps.plan import Plan
from sweeps.planned import PlannedRun
from sweeps.post import Post, Stage, hardest, setup_of
from sweeps.progress import Ended, Progress
from sweeps.ray_cluster import Cluster, Held, WorkerLost
from sweeps.schema import Retry
from sweeps.supervisor import FAREWELL
from sweeps.turns import Turn, Turns
from sweeps.watch import Prints

MOST_ATTEMPTS = 2
"""How often a run is made in one launch if its worker dies each time."""

ARRIVAL = 300.0
"""Seconds that the cluster may take to find room for a worker and to start it."""

LOOK = 1.0
"""Seconds between two looks at what does not tell by itself."""


class Crew:
    """Makes runs at all endpoints at once."""

    def __init__(
        self, cluster: Cluster, lanes: Sequence[Lane], plan: Plan, dealing: Dealing, turns: Turns, progress: Progress
    ) -> None:
        self._cluster = cluster
        self._plan = plan
        self._dealing = dealing
        self._turns = turns
        self._progress = progress
        self._runs = {lane: [run for run in plan.runs if dealing.pool_of(run) == lane.pool] for lane in lanes}
        """Of each lane the runs that it may come to make."""
        patience = plan.sweep.wait_for_server
        self._posts = [
            Post(lane, setup_of(lane, place, runs, patience)) for place, (lane, runs) in enumerate(self._runs.items())
        ]
        self._elsewhere: list[PlannedRun] = []
        self._attempts: Counter[Key] = Counter()
        self._prints = Prints()
        self._unfit: str | None = None
        self._made = 0
        self._leaving = False

    def launch(self, batches: Iterable[Sequence[PlannedRun]]) -> int:
        """Make one batch after another, and return the exit code. Raises ConfigError if no server is fit for runs."""
        try:
            for batch in batches:
                self._make(batch)
            self._close()
        except KeyboardInterrupt:
            self._wind_down()
            self._progress.close("interrupted")
            return INTERRUPTED
        finally:
            self._cluster.close([post.remote for post in self._posts if post.remote is not None])
        return FAULTS_LEFT if self._dealing.stranded else 0

    def _make(self, batch: Sequence[PlannedRun]) -> None:
        self._dealing.add(batch)
        while True:
            for post in self._posts:
                self._assign(post)
            if any(self._awaited(post) for post in self._posts):
                self._listen()
            elif self._elsewhere:
                self._take_over()
            else:
                return

    def _awaited(self, post: Post) -> bool:
        coming = post.stage in (Stage.ABSENT, Stage.COMING, Stage.LOOKING)
        return post.stage is Stage.BUSY or (coming and self._dealing.owed(post.lane))

    def _close(self) -> None:
        stranded = len(self._dealing.stranded)
        if stranded and self._unfit and not self._made:
            raise ConfigError(self._unfit)
        no_way = f"stopped: {stranded} run{'s' if stranded > 1 else ''} without an endpoint"
        self._progress.close(no_way if stranded else "done")

    def _assign(self, post: Post) -> None:
        """Give a worker something to do, if there is anything for it."""
        if post.stage is Stage.ABSENT and self._dealing.owed(post.lane):
            self._place(post)
        while post.stage is Stage.FREE and (run := self._dealing.take(post.lane)) is not None:
            self._begin(post, run)

    def _place(self, post: Post) -> None:
        try:
            post.remote = self._cluster.place(post.lane.endpoint, post.setup)
        except Held:
            self._say(post, "waiting: the cluster has a worker for it, of another sweep or of an earlier attempt")
        else:
            post.enter(Stage.COMING)

    def _begin(self, post: Post, run: PlannedRun) -> None:
        """Take the run and have it made, unless another process has it."""
        claim = ExitStack()
        turn = claim.enter_context(self._turns.taken(run, wait=False))
        if turn is Turn.OURS:
            post.run, post.claim = run, claim
            post.enter(Stage.BUSY)
            self._progress.started(run)
            first = self._prints.first(run.config.model.name, post.lane.name)
            made = post.lane.takes(run)
            post.worker.give(Make(made.config, replace(made.launch, fingerprint=first)))
            return
        claim.close()
        if turn is Turn.BUSY:
            self._elsewhere.append(run)
        else:
            self._progress.elsewhere(run, finished=turn is Turn.DONE)

    def _take_over(self) -> None:
        """What another process was at is looked at again when all else is done: its process may have died."""
        waiting, self._elsewhere = self._elsewhere, []
        for run in waiting:
            with self._turns.taken(run, wait=True) as turn:
                if turn is Turn.OURS:
                    self._dealing.add([run])
                else:
                    self._progress.elsewhere(run, finished=turn is Turn.DONE)

    def _listen(self) -> None:
        """Hear what is new, and wait a moment if nothing is."""
        posts = {post.remote: post for post in self._posts if post.remote and post.stage is not Stage.RETIRED}
        for remote in self._cluster.ready(list(posts), LOOK):
            post = posts[remote]
            try:
                messages = remote.heard()
            except WorkerLost as gone:
                post.remote = None
                self._died(post, str(gone))
            else:
                for message in messages:
                    self._take(post, message)
        for post in self._posts:
            if post.stage is Stage.COMING and time.monotonic() - post.since > ARRIVAL:
                self._retire(post, "the cluster has no room for its worker: `ray status` tells what is taken")

    def _take(self, post: Post, message: Message) -> None:
        run = post.run
        match message:
            case Said(line):
                self._progress.say(f"{post.lane.name}: {line}")
            case Happened(name, fields) if run is not None:
                self._progress.event(run, name, fields)
            case Hello():
                self._welcome(post, message)
            case Fit(sandboxes) if post.stage is Stage.LOOKING:
                self._say(post, sandboxes)
                post.enter(Stage.FREE)
            case Made() if run is not None:
                self._adopt(post, run, message)
            case Broken(reason, interrupted) if run is not None:
                outcome = Outcome.INTERRUPTED if interrupted else Outcome.FAULT
                self._ended(post, run, Ended(outcome, 0, time.monotonic() - post.since, reason))
            case Unfit(reason) if run is not None:
                self._ended(post, run, Ended(Outcome.FAULT, 0, 0.0, f"not recorded: {reason}"))
            case Unfit(reason):
                self._unfit = reason
                self._retire(post, reason)
            case Gone(reason) | Broken(reason):
                self._retire(post, reason)
            case Died(reason):
                self._died(post, reason)

    def _welcome(self, post: Post, hello: Hello) -> None:
        if (hello.version, hello.behaviour) != (__version__, BEHAVIOUR_VERSION):
            ours = f"{hello.host} has version {hello.version} of this program, here is {__version__}"
            self._retire(post, f"{ours}: install the same everywhere")
        elif post.stage is Stage.COMING:
            self._say(post, f"a worker on {hello.host}")
            self._look(post)

    def _look(self, post: Post) -> None:
        """Have the server looked over with what is hardest for it."""
        post.enter(Stage.LOOKING)
        post.worker.give(Look(hardest(post.lane, self._runs[post.lane])))

    def _adopt(self, post: Post, run: PlannedRun, made: Made) -> None:
        """Record what was made elsewhere."""
        line = made.line
        ended = Ended.of(line)
        if line["cell"] != run.cell:
            reason = "not recorded: another cell was made there: the program or the files of its task differ from here"
            ended = Ended(Outcome.FAULT, 0, line["duration_sec"], reason)
        else:
            try:
                Outputs(Path(run.config.log_dir)).adopt(line["run_id"], made.parcel, line)
            except OSError as error:
                ended = Ended(Outcome.FAULT, 0, line["duration_sec"], f"not recorded: {error}")
            odd = self._prints.note(run.config.model.name, post.lane.name, line["server"].get("fingerprint"))
            if odd and post.lane.shared:
                self._say(post, f"warning: {odd}")
        if made.left:
            self._say(post, f"too large to fetch: {', '.join(made.left)} of {made.folder}")
        self._made += 1
        self._ended(post, run, ended)

    def _ended(self, post: Post, run: PlannedRun, ended: Ended) -> None:
        self._leave(post)
        self._progress.ended(run, ended)
        post.enter(Stage.FREE)
        self._count(post, ended.reason or ended.outcome.value, failed=not ended.outcome.counts)

    def _leave(self, post: Post) -> None:
        post.run = None
        post.claim.close()

    def _died(self, post: Post, reason: str) -> None:
        """A worker is gone, and with it the run that it was at: that is a fault of this attempt."""
        if self._leaving:
            post.enter(Stage.RETIRED)
        if post.stage is Stage.RETIRED:
            return
        if (run := post.run) is not None:
            self._lose(post, run, reason)
        post.enter(Stage.FREE)
        if self._count(post, reason, failed=True):
            return
        if post.remote is None:
            post.enter(Stage.ABSENT)
        else:
            self._look(post)

    def _lose(self, post: Post, run: PlannedRun, reason: str) -> None:
        seconds = time.monotonic() - post.since
        made = post.lane.takes(run)
        ended = Ended(Outcome.FAULT, 0, seconds, reason)
        try:
            lost(made.config, endpoint=post.lane.endpoint, launch=made.launch, seconds=seconds, reason=reason)
        except OSError as error:
            ended = replace(ended, reason=f"not recorded: {error}")
        self._leave(post)
        self._attempts[run.key] += 1
        if self._plan.sweep.retry is Retry.none or self._attempts[run.key] == MOST_ATTEMPTS:
            self._progress.ended(run, ended)
        else:
            self._progress.again(run, reason)
            self._dealing.put_back(post.lane, run)

    def _count(self, post: Post, reason: str, *, failed: bool) -> bool:
        """Count faults in a row; returns whether they were too many."""
        post.faults = post.faults + 1 if failed else 0
        too_many = post.faults == MOST_FAULTS_IN_A_ROW and not self._leaving
        if too_many:
            self._retire(post, f"{post.faults} faults in a row: {reason}")
        return too_many

    def _retire(self, post: Post, reason: str) -> None:
        """Use the endpoint no more: others of its pool go on with its runs."""
        if post.stage is Stage.RETIRED:
            return
        if (run := post.run) is not None:
            self._leave(post)
            self._progress.again(run, reason)
            self._dealing.put_back(post.lane, run)
        post.enter(Stage.RETIRED)
        self._dealing.retire(post.lane)
        self._progress.say(f"{post.lane.name} is used no more: {reason}")

    def _say(self, post: Post, line: str) -> None:
        if post.news(line):
            self._progress.say(f"{post.lane.name}: {line}")

    def _wind_down(self) -> None:
        """Interrupt what is under way, and record it as interrupted."""
        self._leaving = True
        busy = [post for post in self._posts if post.stage is Stage.BUSY]
        for post in busy:
            post.worker.interrupt()
        until = time.monotonic() + FAREWELL
        while any(post.stage is Stage.BUSY for post in busy) and time.monotonic() < until:
            self._listen()
