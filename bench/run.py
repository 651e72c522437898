"""The run: peers built one after the other, then asked in turns, some questions at a time.

In every round each block of questions goes to all peers, which start in turns, so that a noisy
minute on the machine hits all of them. Within a block a peer answers one question after the other,
as a service does: asked singly, all would meet the processor's caches as the others left them.
The first round also compares the answers: a peer outside the largest group that agrees is marked
wrong on that question and its time there does not count.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.answers import Answer, agree
from bench.client import Client
from bench.graphs import CHECKOUT, Graph, GraphMissing, make_graph, write_triples
from bench.peers import LOADERS, PEERS, Entry
from bench.queries import draw_queries
from bench.results import GraphResult, Machine, Outcome, PeerResult, Plan, Results, Series
from bench.worker import Answered, Ask, Build, Failed, Open, Passed, Ready
from bench.workloads import CHAINS, GROWTH, WORKLOADS, Query, Workload
from mechkg.kg.build.load import warm
from mechkg.kg.readers import FORMATS
from mechkg.ontology.rdf.readers import FORMATS as RDF_FORMATS

__all__ = ["measure", "outvoted", "this_machine"]

Say = Callable[[str], None]

BUILD_SECONDS = 1_800.0
OPEN_SECONDS = 900.0
COMPILE_SECONDS = 180.0
CHECK_SECONDS = 60.0
"""What translating an answer for the comparison may take on top, not timed."""
BLOCK = 20
"""Questions that a peer is asked before the next has its turn."""
STRIKES = 3
"""How often a worker may be killed within one workload before the rest is not asked."""


def measure(
    plan: Plan,
    cache: Path,
    say: Say = print,
    keep: Callable[[Results], object] | None = None,
    done: Results | None = None,
) -> Results:
    """Measure a plan; graphs that are not on this machine are named, not failed on.

    `keep` is handed what there is after every graph, so that a run cut short is not lost: the
    graphs of `done` are taken from there.
    """
    machine = this_machine()
    results = done or Results(machine=machine, plan=plan, graphs=[])
    results.plan = plan
    start = time.monotonic() - results.seconds
    # Every peer comes compiled; MechKG's loading is compiled on first use.
    warm((*FORMATS, *RDF_FORMATS))
    for name in plan.graphs:
        if any(graph.name == name for graph in results.graphs):
            continue
        try:
            graph = make_graph(name, cache)
        except GraphMissing as missing:
            results.absent.append(str(missing))
            say(str(missing))
            continue
        say(f"{name}: {graph.entities:,} entities, {graph.statements:,} statements")
        results.graphs.append(_on_graph(plan, graph, cache, say))
        results.graphs[-1].commit = machine.commit
        results.graphs.sort(key=lambda found: found.statements)
        results.seconds = time.monotonic() - start
        if keep:
            keep(results)
    return results


def outvoted(answers: Sequence[Answer]) -> set[int]:
    """Return the positions of the answers outside the largest group that agrees.

    Of two equal groups the one with the earlier member counts as right.

    >>> outvoted([Answer(paths=3), Answer(paths=4), Answer(paths=3)])
    {1}
    """
    groups: list[list[int]] = []
    for position, answer in enumerate(answers):
        for group in groups:
            if all(agree(answers[member], answer) for member in group):
                group.append(position)
                break
        else:
            groups.append([position])
    right = max(groups, key=len, default=[])
    return set(range(len(answers))) - set(right)


def this_machine() -> Machine:
    """Describe this machine as far as /proc does."""
    cpu = Path("/proc/cpuinfo").read_text().partition("model name")[2].partition("\n")[0]
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,  # not every copy is a clone
    ).stdout.strip()
    return Machine(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        processor=cpu.strip("\t :"),
        cores=os.cpu_count() or 1,
        memory=kilobytes / 2**20,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        commit=commit or "not committed",
        load=os.getloadavg()[0],
    )


def _on_graph(plan: Plan, graph: Graph, cache: Path, say: Say) -> GraphResult:
    result = GraphResult(
        name=graph.name,
        entities=graph.entities,
        statements=graph.statements,
        highest_degree=int(graph.degree.max()),
        peers={},
        loaders={},
        series=[],
    )
    queries = draw_queries(graph)
    with Stores(plan, graph, cache, say) as stores:
        for name in plan.peers:
            result.peers[name] = stores.build(name, PEERS[name])
        if graph.statements <= max(LOADERS[name].largest for name in LOADERS if "rdflib" in name):
            write_triples(graph)
            result.loaders = {name: stores.build(name, LOADERS[name]) for name in LOADERS}
        contest = Contest(plan, graph, stores, result.peers, say)
        with contest:
            for workload in _chosen(plan):
                asked = queries["W3" if workload in GROWTH else workload.name][: plan.questions]
                if asked and (contenders := contest.contenders(workload)):
                    result.series.append(contest.run(workload, asked, contenders))
    return result


def _chosen(plan: Plan) -> Iterator[Workload]:
    """Yield the workloads that a plan asks."""
    for workload in (*WORKLOADS, *CHAINS, *GROWTH):
        if not plan.workloads or workload.name in plan.workloads:
            yield workload


class Stores:
    """Where peers build, and what building took; removed when the graph is done."""

    def __init__(self, plan: Plan, graph: Graph, cache: Path, say: Say) -> None:
        self.plan, self.graph, self.say = plan, graph, say
        self.directory = cache / "stores" / graph.name
        self.log = cache / "workers.log"

    def __enter__(self) -> Stores:
        shutil.rmtree(self.directory, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def client(self, name: str) -> Client:
        """Start a worker."""
        return Client(name, self.log, self.plan.megabytes)

    def path(self, name: str) -> Path:
        """Return the directory of a peer's store."""
        return self.directory / name.replace(", ", "-")

    def build(self, name: str, entry: Entry) -> PeerResult:
        """Build one peer's store in a process of its own."""
        if self.graph.statements > entry.largest:
            return PeerResult(skipped=f"not run above {entry.largest:,} statements")
        self.path(name).mkdir(parents=True)
        self.graph.read_ahead()
        with self.client(name) as client:
            built = client.call(Build(self.graph, str(self.path(name))), BUILD_SECONDS)
        self.say(f"  {name}: {_told(built, 'built')}")
        return PeerResult(build=built, skipped=built.reason if isinstance(built, Failed) else "")


class Allowance:
    """What each peer may still spend on a workload: seconds, and workers killed at it."""

    def __init__(self, names: Sequence[str], budget: float) -> None:
        self.budget = budget
        self.left = dict.fromkeys(names, budget)
        self.strikes = dict.fromkeys(names, 0)

    def renew(self) -> None:
        """Give every peer its seconds again, as for the rounds after the first."""
        self.left = dict.fromkeys(self.left, self.budget)

    def admits(self, name: str) -> bool:
        """Say whether a peer is asked another question."""
        return self.left[name] > 0 and self.strikes[name] < STRIKES

    def charge(self, name: str, seconds: float) -> None:
        """Note what a question took."""
        self.left[name] -= seconds

    def strike(self, name: str) -> None:
        """Note that a worker had to be killed."""
        self.strikes[name] += 1


class Contest:
    """Open peers, asked in turns."""

    def __init__(
        self, plan: Plan, graph: Graph, stores: Stores, peers: dict[str, PeerResult], say: Say
    ) -> None:
        self.plan, self.graph, self.stores, self.peers, self.say = plan, graph, stores, peers, say
        self.clients: dict[str, Client] = {}

    def __enter__(self) -> Contest:
        for name, result in self.peers.items():
            if not result.skipped:
                result.open = self._open(name)
                self.say(f"  {name}: {_told(result.open, 'opened')}")
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients.values():
            client.close()

    def contenders(self, workload: Workload) -> list[str]:
        """Return the open peers that answer a workload."""
        return [
            name
            for name, result in self.peers.items()
            if isinstance(result.open, Ready) and workload in self._asked_of(name, result.open)
        ]

    def run(self, workload: Workload, queries: tuple[Query, ...], names: list[str]) -> Series:
        """Ask all questions of a workload in all rounds."""
        series = Series(
            workload=workload,
            queries=queries,
            sizes=[None] * len(queries),
            outcomes={name: [Outcome() for _ in queries] for name in names},
        )
        for name in names:
            self._warm(name, workload, queries[0])
        allowed = Allowance(names, self.plan.budget)
        for number in range(self.plan.rounds):
            if number == 1:
                allowed.renew()
            for first in range(0, len(queries), BLOCK):
                turn = (first // BLOCK + number) % len(names)
                block = range(first, min(first + BLOCK, len(queries)))
                turns = names[turn:] + names[:turn]
                self._round(series, block, turns, number, allowed)
        self.say(f"  {workload.name}: {', '.join(_ended(series))}")
        return series

    def _round(
        self, series: Series, block: range, names: list[str], number: int, allowed: Allowance
    ) -> None:
        """Ask all peers in turn a block of questions, and compare their answers."""
        answers: dict[int, dict[str, Answer]] = {position: {} for position in block}
        wanted = "answered" if number else "not asked"
        for name in names:
            outcomes = series.outcomes[name]
            left = [position for position in block if outcomes[position].state == wanted]
            while left and allowed.admits(name) and self._is_open(name):
                replied = self._ask(name, series, left, allowed, check=not number)
                for position, answer in zip(left, replied, strict=False):
                    if answer:
                        answers[position][name] = answer
                left = left[len(replied) :]
                if not self.clients[name].alive:
                    allowed.strike(name)
                    self._reopen(name)
        for position in block:
            self._compare(series, position, answers[position])

    def _ask(
        self, name: str, series: Series, positions: list[int], allowed: Allowance, *, check: bool
    ) -> list[Answer | None]:
        """Ask a peer some questions; return the answers to those that it came to."""
        request = Ask(
            workload=series.workload,
            queries=tuple(series.queries[position] for position in positions),
            seconds=self.plan.seconds,
            left=allowed.left[name],
            check=check,
        )
        found = []
        start = time.monotonic()
        replies = self.clients[name].ask(request, CHECK_SECONDS * check)
        for position, reply in zip(positions, replies, strict=False):
            spent = time.monotonic() - start
            self._note(name, series.outcomes[name][position], reply, spent)
            allowed.charge(name, reply.seconds if isinstance(reply, Answered) else spent)
            found.append(reply.answer if isinstance(reply, Answered) else None)
            start = time.monotonic()
        return found

    def _note(
        self, name: str, outcome: Outcome, reply: Answered | Failed | Passed, spent: float
    ) -> None:
        """Write down what became of a question."""
        if isinstance(reply, Answered):
            outcome.state = "answered"
            outcome.seconds.append(reply.seconds)
            outcome.cpu.append(reply.cpu)
            outcome.foretold = outcome.foretold or reply.foretold
            self.peers[name].peak = max(self.peers[name].peak, reply.peak)
        elif isinstance(reply, Failed):
            cut = spent >= self.plan.seconds or reply.kind in {"MemoryError", "TimeoutError"}
            outcome.state = "unfinished" if cut else "failed"
            outcome.reason = f"{reply.kind}: {reply.reason}"

    def _compare(self, series: Series, position: int, answers: dict[str, Answer]) -> None:
        names = list(answers)
        wrong = outvoted([answers[name] for name in names])
        for place, name in enumerate(names):
            answer = answers[name]
            if place in wrong:
                outcome = series.outcomes[name][position]
                outcome.state, outcome.reason = "wrong", f"answered {answer}"
                self.say(f"  {series.workload.name} {position}: {name} disagrees: {answer}")
            elif series.sizes[position] is None:
                series.sizes[position] = answer.size

    def _warm(self, name: str, workload: Workload, query: Query) -> None:
        opened = self.peers[name].open
        assert isinstance(opened, Ready), "contenders are open"
        seconds = COMPILE_SECONDS if opened.compiles else self.plan.seconds
        request = Ask(workload=workload, queries=(query,), seconds=seconds)
        for reply in self.clients[name].ask(request):
            if isinstance(reply, Answered) and self.peers[name].first is None:
                self.peers[name].first = reply.seconds
        if not self.clients[name].alive:
            self._reopen(name)

    def _is_open(self, name: str) -> bool:
        return isinstance(self.peers[name].open, Ready)

    def _reopen(self, name: str) -> None:
        """Open a peer anew whose worker was killed; if that fails, it is asked no more."""
        opened = self._open(name)
        if isinstance(opened, Failed):
            self.peers[name].open = opened

    def _open(self, name: str) -> Ready | Failed:
        if name in self.clients:
            self.clients[name].close()
        client = self.clients[name] = self.stores.client(name)
        known = self.peers[name].build
        assert isinstance(known, Ready), "only what was built is opened"
        workloads = tuple(self._asked_of(name, known))
        request = Open(self.graph, str(self.stores.path(name)), workloads)
        return client.call(request, OPEN_SECONDS)

    def _asked_of(self, name: str, ready: Ready) -> Iterator[Workload]:
        """Yield what a peer is asked: chains and growth only of those that they are about."""
        for workload in WORKLOADS:
            if workload.kind in ready.answers:
                yield workload
        if "chains" in ready.answers:
            yield from (w for w in CHAINS if w.name != "CS" or name in ("mechkg", "gandalf"))
        if name in ("mechkg", "prototype"):
            yield from GROWTH


def _ended(series: Series) -> Iterator[str]:
    for name, outcomes in series.outcomes.items():
        times = sorted(min(o.seconds) for o in outcomes if o.state == "answered" and o.seconds)
        middle = f"{times[len(times) // 2] * 1e3:.2f} ms" if times else "none"
        yield f"{name} {middle} ({len(times)}/{len(outcomes)})"


def _told(reply: Ready | Failed, verb: str) -> str:
    if isinstance(reply, Failed):
        return f"{reply.kind}: {reply.reason.splitlines()[0] if reply.reason else ''}"
    grown = reply.after.resident - reply.imported.resident
    return f"{verb} in {reply.seconds:.2f} s, {grown:,.0f} MB more"
