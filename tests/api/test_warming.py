"""After warming, no request compiles: every kernel that a query may call is there."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

from mechkg.kg import kernels
from tests.kernel_cache import copy_kernels
from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]

LOADING = ("mechkg.kg.build.adjacency_kernels", "mechkg.kg.columns.text_kernels")
"""Kernels that build a snapshot; a server never calls them."""


def signatures(*, loading: bool = False) -> dict[str, int]:
    """Return how many forms of each kernel that is called from Python are ready."""
    from numba.core.caching import NullCache
    from numba.core.dispatcher import Dispatcher

    found = {}
    searching = [
        f"mechkg.kg.kernels.{module.name}" for module in pkgutil.iter_modules(kernels.__path__)
    ]
    for module in LOADING if loading else searching:
        for name, kernel in vars(importlib.import_module(module)).items():
            if isinstance(kernel, Dispatcher) and not isinstance(kernel._cache, NullCache):
                found[f"{kernel.py_func.__module__}.{name}"] = len(kernel.signatures)
    return found


def ask_everything(data: str) -> None:
    """Warm a graph, ask it all kinds of questions, and fail where that needed a kernel more."""
    from mechkg.kg.analysis.preview import Effort, estimate
    from mechkg.kg.graph import open_graph
    from mechkg.kg.model.queries import PathQuery
    from mechkg.kg.search.prepare import prepare
    from mechkg.kg.snapshot.catalogue import Catalogue
    from mechkg.kg.warmup import is_warm, warm

    graph = open_graph(Catalogue(Path(data)).path("ms-nsc"))
    warm(graph.snapshot)
    warmed = signatures()
    assert len(warmed) >= 6, warmed
    assert all(warmed.values()), warmed
    assert is_warm()
    ends = {"source": "NSC", "target": "neuron", "timeout": 2.0}
    for more in (
        {},
        {"via": ("GDNF",), "avoid": ("biolink:Disease",), "direction": "undirected"},
        {"max_hops": 8, "direction": "undirected"},
        {"predicate": ("secretes", "protects"), "category": ("Gene",), "evidence": ("article",)},
        {"diverse": "metapath"},
        {"diverse": "mediator"},
    ):
        graph.find_paths(**ends, **more)
        graph.list_paths(**ends, **more)
        graph.why_not(**ends, **more)
        graph.preview_paths(**ends, **more)
        list(graph.stream_paths(**ends, **more))
    prepared = prepare(graph.snapshot, PathQuery(source=("NSC",), target=("neuron",)))
    assert prepared.composition is not None
    estimate(prepared.engine, prepared.task, prepared.watch, Effort(count=0))
    graph.list_neighbourhood(entity="NSC", depth=3, predicate="secretes", category="Gene", most=2)
    assert signatures() == warmed


def apart(function: str, folder: Path) -> None:
    """Call one of these functions in a process that has compiled nothing yet."""
    here = Path(__file__)  # by its place: other packages bring modules called `tests`
    code = f"import sys; sys.path.append({str(here.parent)!r}); import {here.stem} as m"
    command = [sys.executable, "-c", f"{code}; m.{function}(sys.argv[1])", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=PATIENCE)


def test_nothing_is_compiled_for_a_request(data_directory: Path):
    apart("ask_everything", data_directory)


EDGES = "subject\tpredicate\tobject"
ROWS = [f"a:{i}\tp\ta:{i + 1}" for i in range(500)]
TRIPLES = "".join(f"<http://x/{i}> <http://x/p> <http://x/{i + 1}> .\n" for i in range(500))
TO_LOAD = {
    "plain.csv": "\n".join((EDGES, *ROWS)).replace("\t", ","),
    "plain.tsv": "\n".join((EDGES, *ROWS)),
    "bare.tsv": "\n".join(ROWS),
    "rich.tsv": "\n".join((f"{EDGES}\tpublications", *(f"{row}\tPMID:1" for row in ROWS))),
    "nodes.tsv": "id\tname\tcategory\nCL:1\tx\tCell\n",
    "named.nt": f'{TRIPLES}<http://x/1> <http://www.w3.org/2000/01/rdf-schema#label> "t" .\n',
    "nodes.nt": f"{TRIPLES}_:b <http://x/p> <http://x/1> .\n",
}


def load_everything(folder: str) -> None:
    """Warm the loading, load files of all kinds, and fail where that needed a kernel more."""
    from mechkg.kg import readers
    from mechkg.kg.build import load as bulk
    from mechkg.kg.model.schema import Schema
    from mechkg.ontology.rdf import readers as rdf_readers

    formats = (*readers.FORMATS, *rdf_readers.FORMATS)
    bulk.warm(formats)
    warmed = signatures(loading=True)
    assert len(warmed) >= 6, warmed
    for name, text in TO_LOAD.items():
        path = Path(folder, name)
        path.write_text(text)
        data = Path(folder, "data")
        bulk.load([path], data, name="g", schema=Schema(), formats=formats)
        assert signatures(loading=True) == warmed, name


def test_nothing_is_compiled_for_a_load(tmp_path: Path):
    apart("load_everything", tmp_path)


def test_the_first_question_of_a_library_compiles_outside_of_its_time(
    data_directory: Path, tmp_path: Path
):
    copy_kernels(tmp_path, without="collect")
    code = (
        "import sys, mechkg; graph = mechkg.open_graph(sys.argv[1]);"
        "found = graph.find_paths(source='NSC', target='GDNF', timeout=5.0);"
        "print(len(found.paths), found.truncated_by)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data_directory / "ms-nsc" / "current")],
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    paths, cut = done.stdout.split()
    assert int(paths) > 0
    assert cut == "None"
