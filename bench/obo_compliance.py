"""Load ontologies in each of their forms and compare: `python -m bench.obo_compliance FOLDER...`.

A folder holds one ontology as OBO flat file, OWL and OBO Graphs, as those of the suite
`tests/input/obo-compliance` of INCATools/ontology-access-kit do (Apache-2.0), or as `NAME.obo`,
`NAME.owl` and `NAME.json`. Each file is loaded alone. The table has the entities and statements of
each form, and what one form has that another lacks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mechkg.kg import readers
from mechkg.kg.build.load import load
from mechkg.kg.errors import MechKGError
from mechkg.kg.model.presets import known_schema
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.rdf import readers as rdf_readers

__all__ = ["Content", "content_of", "ontologies", "row_of"]

FORMATS: Final = (*readers.FORMATS, *rdf_readers.FORMATS)
FORMS: Final = (".obo", ".owl", ".json")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file gave: identifiers of entities, and triples of statements with their denial."""

    entities: frozenset[str]
    statements: frozenset[tuple[str, str, str, bool]]
    fault: str = ""


def content_of(path: Path) -> Content:
    """Return what a file holds, or why it is refused."""
    with TemporaryDirectory() as folder:
        try:
            loaded = load([path], Path(folder), name="g", schema=known_schema(), formats=FORMATS)
        except MechKGError as error:
            return Content(frozenset(), frozenset(), str(error))
        snapshot = open_snapshot(loaded.path)
        records = snapshot.records
        statements = map(records.statement, range(snapshot.index.statements))
        return Content(
            frozenset(records.curie(row) for row in range(snapshot.index.entities)),
            frozenset((s.subject, s.predicate, s.object, s.negated) for s in statements),
        )


def ontologies(folder: Path) -> Iterator[tuple[str, dict[str, Path]]]:
    """Yield name and files of each ontology of a folder that has two forms or more."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in FORMS or "invalid" in path.name:
            continue
        expected = path.stem.endswith(".expected")
        if path.suffix == ".obo" and expected:
            continue
        name = path.stem.removesuffix(".expected")
        found.setdefault(f"{path.parent.name}/{name}", {})[path.suffix] = path
    yield from ((name, files) for name, files in sorted(found.items()) if len(files) > 1)


def row_of(name: str, contents: Mapping[str, Content]) -> tuple[str, bool]:
    """Return an ontology's row of the table, and whether its forms give the same."""
    first = next(iter(contents.values()))
    cells = [name]
    differences = []
    for form in FORMS:
        content = contents.get(form)
        cells.append(
            "" if content is None else f"{len(content.entities)}, {len(content.statements)}"
        )
        if content is None:
            continue
        if content.fault:
            differences.append(f"{form} is refused: {content.fault}")
        for kind in ("entities", "statements"):
            more = getattr(content, kind) - getattr(first, kind)
            less = getattr(first, kind) - getattr(content, kind)
            differences += [f"{form} has {one}" for one in sorted(map(str, more))[:3]]
            differences += [f"{form} lacks {one}" for one in sorted(map(str, less))[:3]]
    cells.append("; ".join(differences).replace("|", "/"))
    return f"| {' | '.join(cells)} |", not differences


def main(folders: list[str]) -> int:
    """Print the table of all ontologies; returns how many differ."""
    sys.stdout.write(
        "| ontology | OBO: entities, statements | OWL | OBO Graphs | differences |\n"
        "|---|---|---|---|---|\n"
    )
    differ = total = 0
    for folder in map(Path, folders):
        for name, files in ontologies(folder):
            row, same = row_of(name, {form: content_of(path) for form, path in files.items()})
            total += 1
            differ += not same
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
    sys.stdout.write(f"\n{total - differ} of {total} ontologies give the same from every form.\n")
    return differ


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
