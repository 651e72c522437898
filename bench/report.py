"""RESULTS.md from a run: tables, ratios, growth, loads, and what is not comparable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench import __doc__ as purpose
from bench import answers
from bench.peers import LOADERS, PEERS
from bench.results import GraphResult, PeerResult, Results, Series
from bench.run import BLOCK
from bench.statistics import exponent, misjudged, ratio, summary
from bench.targets import verdicts
from bench.worker import Failed, Ready
from bench.workloads import CHAINS, GROWTH, WORKLOADS

__all__ = ["PLOT", "write_report"]

PLOT = "results.svg"
"""The picture that stands beside the report (see `bench.plot`)."""

BASE = "mechkg"
FACTOR = 3
"""Within which a preview is to be right."""
NONE = "–"
LOAD_HEADS = (
    *("", "import s", "import MB", "build s", "build CPU s", "build peak MB", "stored MB"),
    *("open s", "first question s", "resident MB", "private MB", "peak MB"),
)

READING = """\
Times are of one question, in milliseconds: the median over the rounds for each question, then the
median over questions (in the p95 tables the 95th percentile). The first round, in which answers
are compared between questions, counts only where there was no time for another. `(a/b)` says that
only a of b questions were answered within the time given; the median is then over those, which are
the easier ones. Ratios are taken pair by pair on the same question and their median is shown; a
question that a peer did not finish counts with the time it was given, so that `≥` marks a lower
bound. Questions are asked in an order drawn once, {block} at a time of each peer, which take turns.

Answers are compared before any time counts. {comparison}

Peers answer in their own row numbers, or in the identifiers that they store; they are not made to
look up names. MechKG answers with names, categories, all statements of each hop, signs, score
parts and a sentence, ranked best first. Questions are translated to each peer's rows beforehand.
The garbage collector's permanent generation is frozen once a peer is open, for all alike. A
neighbourhood is the number of entities within reach and up to 10,000 statements (MechKG: up to
10,000 neighbours with the statements that lead to them). Libraries without a file format of their
own are loaded from integer columns, so their loading leaves out reading text."""


def write_report(results: Results, path: Path) -> Path:
    """Write a run's report, which shows the picture beside it; returns the path."""
    parts = [*_head(results), f"![Medians of each peer, and growth with size]({PLOT})", ""]
    parts += _targets(results)
    for graph in results.graphs:
        parts += _graph(graph, results)
    parts += [*_growth(results.graphs), *_notes(results)]
    path.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")
    return path


def _head(results: Results) -> Iterator[str]:
    machine, plan = results.machine, results.plan
    yield from ("# What MechKG and its peers measured", "", " ".join((purpose or "").split()), "")
    yield (
        f"{machine.date}; {machine.processor}, {machine.cores} cores, {machine.memory:.0f} GiB, "
        f"{machine.system}, Python {machine.python}; commit {machine.commit}; load average "
        f"{machine.load:.1f} at the start; {results.seconds / 60:.0f} minutes. "
        f"{plan.rounds} rounds; {plan.seconds:g} s a question and {plan.budget:g} s a workload for "
        "each peer"
        + (f"; the first {plan.questions} questions of each set." if plan.questions else ".")
    )
    yield ""
    notes = [f"Not measured: {sentence}" for sentence in results.absent]
    measured = {graph.name for graph in results.graphs}
    ended = [name for name in plan.graphs if name not in measured]
    if len(ended) > len(results.absent):
        notes.append(f"The run was ended before {', '.join(ended)}.")
    yield from (line for note in notes for line in (note, ""))
    yield "## How to read this"
    yield ""
    comparison = " ".join((answers.__doc__ or "").split("\n\n", 1)[1].split())
    yield READING.format(comparison=comparison, block=BLOCK)
    yield ""
    for workload in (*WORKLOADS, *CHAINS):
        yield f"- **{workload.name}**: {workload.title}"
    yield ""


def _targets(results: Results) -> Iterator[str]:
    yield "## What was to be shown"
    yield ""
    rows = [
        [found.target, _cell(found.value), "yes" if found.met else "no" if found.value else "–"]
        for found in verdicts(results)
    ]
    yield from _table(["", "measured", "shown"], rows)


def _graph(graph: GraphResult, results: Results) -> Iterator[str]:
    yield f"## {graph.name}: {graph.entities:,} entities, {graph.statements:,} statements"
    yield ""
    other = graph.commit and graph.commit != results.machine.commit
    when = f" Measured later, at commit {graph.commit}." if other else ""
    yield f"The highest degree is {graph.highest_degree:,}.{when}"
    yield ""
    for title, wanted in (("Questions", WORKLOADS), ("Chains", CHAINS)):
        series = [found for found in graph.series if found.workload in wanted]
        if series:
            yield from _questions(title, graph, series, results.plan.seconds)
    yield from _loads(graph)
    yield from _slowest(graph)
    yield from _foretold(graph)
    yield from _disagreements(graph)


def _questions(
    title: str, graph: GraphResult, series: Sequence[Series], seconds: float
) -> Iterator[str]:
    names = [name for name in graph.peers if any(name in found.outcomes for found in series)]
    heads = [found.workload.name for found in series]
    yield f"### {title}: medians, ms"
    yield ""
    yield from _table(["", *heads], ([name, *(_median(s, name) for s in series)] for name in names))
    yield " ".join(_size(found) for found in series)
    yield ""
    yield f"### {title}: 95th percentile, ms"
    yield ""
    yield from _table(["", *heads], ([name, *(_p95(s, name) for s in series)] for name in names))
    yield f"### {title}: processor time, ms (median)"
    yield ""
    yield from _table(["", *heads], ([name, *(_cpu(s, name) for s in series)] for name in names))
    yield f"### {title}: how many times MechKG's time"
    yield ""
    others = [name for name in names if name != BASE]
    rows = ([name, *(_ratio(s, name, seconds) for s in series)] for name in others)
    yield from _table(["", *heads], rows)


def _loads(graph: GraphResult) -> Iterator[str]:
    yield "### Building, opening, memory"
    yield ""
    yield (
        "Building is from the tables (in the last rows from N-Triples) to what can be opened; its "
        "peak is that of the building process. Opened: resident and private memory that opening "
        "added to the imported library's, before the first question; the last peak is that of all "
        "questions, library included."
    )
    yield ""
    rows = {**graph.peers, **graph.loaders}
    yield from _table(LOAD_HEADS, ([name, *_load(found)] for name, found in rows.items()))


def _load(found: PeerResult) -> list[str]:
    built, opened = found.build, found.open
    if not isinstance(built, Ready):
        return [found.skipped or NONE, *[NONE] * 10]
    imported = built.imported.private - built.before.private
    cells = [f"{built.import_seconds:.2f}", f"{imported:,.0f}", *_built(built)]
    if not isinstance(opened, Ready):
        return [*cells, opened.reason if isinstance(opened, Failed) else NONE, *[NONE] * 4]
    before, after = opened.imported, opened.after
    return [
        *cells,
        _number(opened.seconds),
        _cell(found.first),
        f"{after.resident - before.resident:,.0f}",
        f"{after.private - before.private:,.0f}",
        f"{found.peak:,.0f}",
    ]


def _built(built: Ready) -> list[str]:
    if built.seconds < 0.01:  # nothing to build: all is done on opening
        return ["in memory", *[NONE] * 3]
    stored = f"{built.stored / 1e6:,.0f}" if built.stored else NONE
    return [_number(built.seconds), _number(built.cpu), f"{built.after.peak:,.0f}", stored]


def _slowest(graph: GraphResult) -> Iterator[str]:
    rows = []
    for series in graph.series:
        if found := summary(series.outcomes.get(BASE, [])):
            query = series.queries[found.slowest]
            ends = " → ".join(_named(ends) for ends in (query.source_ids, query.target_ids) if ends)
            time = max(series.outcomes[BASE][found.slowest].seconds) * 1e3
            rows.append([series.workload.name, ends, query.label, _number(time)])
    if rows:
        yield "### MechKG's slowest question of each set (its worst round)"
        yield ""
        yield from _table(["", "ends", "drawn as", "ms"], rows)


def _foretold(graph: GraphResult) -> Iterator[str]:
    rows = []
    for series in graph.series:
        if factors := sorted(misjudged(series, BASE)):
            near = sum(factor <= FACTOR for factor in factors)
            said = "milliseconds" if series.workload.kind == "best" else "paths"
            worst = map(_cell, (factors[len(factors) // 2], factors[-1]))
            rows.append([series.workload.name, said, f"{near} of {len(factors)}", *worst])
    if rows:
        yield "### What a preview foretold"
        yield ""
        yield (
            f"How often it was right within a factor of {FACTOR}, and the factor in the middle and "
            "at worst: of the number of paths where all are asked for, else of the time."
        )
        yield ""
        yield from _table(["", "foretold", f"within {FACTOR}", "median", "worst"], rows)


def _disagreements(graph: GraphResult) -> Iterator[str]:
    odd = [
        f"- {series.workload.name}, question {position + 1}: {name} {outcome.reason}"
        for series in graph.series
        for name, outcomes in series.outcomes.items()
        for position, outcome in enumerate(outcomes)
        if outcome.state in {"wrong", "failed"}
    ]
    compared = sum(len(series.queries) for series in graph.series if len(series.outcomes) > 1)
    yield f"### Agreement: {compared:,} questions compared, {len(odd):,} answers outvoted or failed"
    yield ""
    yield from (*odd, "")


def _growth(graphs: Sequence[GraphResult]) -> Iterator[str]:
    yield "## How MechKG's cost grows"
    yield ""
    made = [graph for graph in graphs if graph.name.startswith("synthetic")]
    heads = ["", *(f"{graph.statements:,}" for graph in made), "time grows as"]
    rows = []
    for workload in WORKLOADS:
        found = [_found(graph, workload.name) for graph in made]
        medians = [median for median in found if median is not None]
        if len(medians) >= 2 and len(medians) == len(made):
            law = exponent([graph.statements for graph in made], medians)
            rows.append([workload.name, *map(_number, medians), f"statements^{law:.2f}"])
    if rows:
        yield "Medians in ms by the number of statements of the synthetic graphs:"
        yield ""
        yield from _table(heads, rows)
    ranked = [*(w for w in GROWTH), next(w for w in WORKLOADS if w.kind == "best")]
    ranked.sort(key=lambda workload: workload.count)
    rows = [
        [graph.name, *(_cell(_found(graph, workload.name)) for workload in ranked)]
        for graph in graphs
    ]
    yield "Medians in ms by the number k of best paths:"
    yield ""
    yield from _table(["", *(f"k = {workload.count:,}" for workload in ranked)], rows)


def _notes(results: Results) -> Iterator[str]:
    yield "## How each peer was used"
    yield ""
    names = {name: found for graph in results.graphs for name, found in graph.loaders.items()}
    for graph in reversed(results.graphs):  # in the end that of the smallest, on which most run
        names |= graph.peers
    for name in (*PEERS, *LOADERS):
        if found := names.get(name):
            yield f"- **{name}** {_used(found)}"
    yield ""


def _used(found: PeerResult) -> str:
    ready = found.build
    if not isinstance(ready, Ready):
        return f"was not run: {found.skipped}"
    lacks = "; ".join(f"{kind}: {reason}" for kind, reason in ready.lacks.items())
    threads = "1 thread" if ready.threads == 1 else f"{ready.threads} threads"
    return f"{ready.version} ({threads}): {ready.about}." + (f" Lacks {lacks}." if lacks else "")


def _median(series: Series, name: str) -> str:
    found = summary(series.outcomes.get(name, []))
    if found is None:
        return f"(0/{len(series.queries)})" if name in series.outcomes else NONE
    partial = "" if found.ended == found.asked else f" ({found.ended}/{found.asked})"
    return _number(found.median) + partial


def _p95(series: Series, name: str) -> str:
    found = summary(series.outcomes.get(name, []))
    return _number(found.p95) if found else NONE


def _cpu(series: Series, name: str) -> str:
    found = summary(series.outcomes.get(name, []))
    return _number(found.cpu) if found else NONE


def _ratio(series: Series, name: str, seconds: float) -> str:
    found = ratio(series, name, BASE, seconds)
    return NONE if found is None else f"{'≥ ' if found.bound else ''}{_number(found.value)}"


def _size(series: Series) -> str:
    sizes = [size for size in series.sizes if size is not None]
    noun = "entities" if series.workload.kind == "neighbourhood" else "paths"
    return f"{series.workload.name}: {len(series.queries)} questions, {sum(sizes):,} {noun}."


def _found(graph: GraphResult, workload: str) -> float | None:
    for series in graph.series:
        if series.workload.name == workload and (found := summary(series.outcomes.get(BASE, []))):
            return found.median
    return None


def _cell(value: float | None) -> str:
    return NONE if value is None else _number(value)


def _number(value: float) -> str:
    """Write three significant digits, with thousands separated."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}" if value < 1 else f"{value:.2f}"


def _named(identifiers: Sequence[str]) -> str:
    return identifiers[0] if len(identifiers) == 1 else f"{len(identifiers)} entities"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
