"""Run the cases that are handed over beside the checkout: `python -m bench.cases FOLDER [URL]`.

A case is a folder with `run.sh`, which calls the command `$MECHKG`, and `expected.md`. The tables
`CASES` and `FURTHER` say what the output of a case must hold, and must not; of all others, that no
command ends in a traceback. Cases that ask a server of the bundled ontology are run where its
address is given.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CASES", "FURTHER", "Outcome", "run_case"]

TRACEBACK: Final = "Traceback (most recent call last)"

CASES: Final[dict[str, tuple[Sequence[str], Sequence[str]]]] = {
    "01": ((r"2 entities", r"'SUBJ:0001', 'name': 'asthma'", r"'OBJ:0002', 'name': 'fracture'"),
           ("1 entities",)),
    "05": ((r"S HGNC:1033 \S+ HGNC:8032", r"S A:1 affects A:2"), (r"'id': 'st1'", r"'id': 'e1'")),
    "07": ((r"S Gene::9021 GpBP", r"'id': 'A:1', 'name': 'alpha', 'category': 'biolink:Gene'"),
           (r"S source ", r"S head ", r"S Subject ", r"-alpha->")),
    "08": (("exit code 2", "a zip archive"), (TRACEBACK, "exit code 1")),
    "12": ((r"NCBIGene:7124.*UniProtKB:P01375", r"'synonyms': \['TNF-alpha'\]"), ()),
    "19": ((r"'category': 'biolink:Gene', 'synonyms': \['x', 'y'\]", r"PMID:3', 'PMID:4'"),
           (r"\[\"\['",)),
    "20": ((r"(?s)infores:ctd.*S A:1 affects A:2  \[\('infores:ctd'",), (r"\('edges.tsv'",)),
    "21": ((r"(?s)2 entities, 1 statements.*2 entities, 1 statements.*2 entities, 1 statements",),
           ("exit code 2",)),
    "28": ((r"(?s)exit code 0.*exit code 0",), ("exit code 2",)),
    "29": ((r"is a number", r"'p_value': '1e-400'", r"'q': '0.10'"), ("missing or empty",)),
    "32": (("1 entities",), ("2 entities",)),
    "36": ((r"primekg.csv exit code 0", r"neo4j-nodes.csv exit code 0", r"t.obo exit code 0",
            r"neo4j-edges.csv exit code 0", r"net.sif exit code 0", r"old.tsv exit code 0"),
           ("exit code 2",)),
    "37": ((r"E \{'id': 'A:1', 'name': 'alpha, the first'",), (r'"A:1"',)),
    "45": ((r"'id': 'A:1', 'name': 'a'", r"1 of 3 entities are named by statements only"),
           (r"'id': 'A:1 '",)),
    "p06": ((r"'category': 'biolink:Gene', 'synonyms': \['x', 'y'\]", r"treats A:2 negated"), ()),
    "p02": (("kgx.tsv.tar.gz same", "kgx.jsonl.tar.gz same"), ("differs",)),
}  # fmt: skip
"""By the number of a case: patterns that its output has, and patterns that it has not."""

FURTHER: Final[dict[str, tuple[Sequence[str], Sequence[str]]]] = {
    "02": (("4 entities", "No path leads from aspirin to death"), ("exit code 1",)),
    "04": ((r"(?s)2 statements.*1 statements.*1 statements", r"S \S*d2 \S*treats \S*x"),
           ("0 statements",)),
    "06": (((r"(?s)x.ttl.*S A:1 GENE/ACTIVATES A:2.*S A:1 GENE:ACTIVATES A:2.*S A:1 http://example.org"
            r"/p/123 A:2.*S A:1 is a A:3.*S A:1 is-a A:2.*S A:1 is_a A:4"),), (", 6 statements",)),
    "09": ((r"(?s)('name': 'multiple sclerosis'.*'Multiple Sklerose'.*1 match.*){2}",), ()),
    "10": ((r"(?s)InvalidParameter.*ids, a list of CURIEs.*'2.0', 'ac.json'\] InvalidParameter",),
           (r"1,262",)),
    "11": ((r"(?s)'name': 'kinase X'.*parts \S*p1.*parts \S*p2.*regulates \S*disease",
            r"S ex:a ex:p (genid:\S+) .*\s+S \1 ex:p ex:b"), ()),
    "13": ((r"(?s)PMID:123.*PMID:123",), ()),
    "14": ((r"(?s)No path leads.*No path leads",), ("IAO:0100001",)),
    "16": ((r"(?s)1 match.*1 match.*1 match",), ("0 matches",)),
    "17": ((r"(?s)(ok \d+\s.*){6}",), ("names no entity",)),
    "18": ((r"(?s)(TNF \(HGNC.*){4}(IL1B.*){2}Alzheimer's disease \(.*1 match",),
           ("names no entity",)),
    "22": ((r"(?s)(exit code 0.*){7}",), ("exit code 2",)),
    "23": ((r"(?s)exit code 0.*exit code 0",), ("exit code 2",)),
    "25": ((r"S \S*a \S*causes \S*b negated",), ()),
    "26": ((r"'name': 'protein kinase activity of GeneA'", r"RO:0002629 .*PMID:15001781"), ()),
    "27": ((r"1 statements", r"PMID:123"), ()),
    "33": ((r"(?s)Success results: 1.*Success results: 1",), ("'q.json'\\] 400",)),
    "34": ((r"mixed.json'\] Success.*WARNING", r"gone.json'\] Success.*WARNING"), ()),
    "35": ((r"a.json'\] Success", r"b.json'\] Success.*WARNING"), ()),
    "39": ((r"'name': 'glucose', 'category': 'biolink:SmallMolecule'", r"2 matches"), ()),
    "40": ((r"(?s)('synonyms': \['its synonym'\], 'description': 'a definition'.*){2}",), ()),
    "41": ((r"(?s)(robot convert.*){3}",), ()),
    "42": (("3 statements",), ()),
    "43": ((r"400",), (r'"bindings": *\[\]',)),
    "47": ((r"1 statements", r"S MONDO:0005301 has_phenotype HP:0000505  \[.*PMID:123"), ()),
    "48": ((r"OPC: ok", r"Tysabri: ok", r"Tecfidera: ok", r"IFN-gamma: ok",
            r"demyelination: (ok|.*HP:0007305)", r"TGF-beta: (ok|.*ambiguous)"), ()),
    "50": ((r"(?s)exit code 0.*exit code 0",), ()),
    "p04": ((r"ex:a -ex:p-> ex:b", "1 path, all shown"), ()),
    "p08": (("Success",), ()),
    "p11": ((r"direct: True orphans: set\(\)",), ()),
}  # fmt: skip
"""The same of cases that a test of this project has in a form of its own, or that ask a server."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case gave: whether it is as it must be, and the first thing that is not."""

    name: str
    passed: bool
    fault: str


def run_case(folder: Path, program: Path, url: str = "") -> Outcome:
    """Run a case with a program and compare what it prints with what it must."""
    done = subprocess.run(
        ["/bin/sh", "run.sh"], cwd=folder, check=False, text=True, capture_output=True,
        env=os.environ | {"MECHKG": str(program), "COLUMNS": "10000", "URL": url},
    )  # fmt: skip
    output = done.stdout + done.stderr
    number = folder.name.partition("-")[0]
    wanted, unwanted = (CASES | FURTHER).get(number, ((), ()))
    unwanted = (*unwanted, TRACEBACK)
    missing = [pattern for pattern in wanted if re.search(pattern, output) is None]
    extra = [pattern for pattern in unwanted if re.search(pattern, output) is not None]
    fault = f"lacks {missing[0]}" if missing else f"has {extra[0]}" if extra else ""
    return Outcome(folder.name, not fault, fault)


def without_server(folder: Path) -> bool:
    """Say whether a case needs no running service."""
    lines = (folder / "run.sh").read_text().splitlines()
    return not any("$URL" in line or "${URL" in line for line in lines if not line.startswith("#"))


def main(folder: Path, url: str = "") -> int:
    """Run the cases of a folder; returns how many are not as they must be."""
    program = Path(sys.executable).with_name("mechkg")
    wrong = 0
    for path in sorted(folder.iterdir()):
        if url or without_server(path):
            outcome = run_case(path, program, url)
            wrong += not outcome.passed
            said = "right" if outcome.passed else outcome.fault
            sys.stdout.write(f"| {outcome.name} | {said} |\n")
            sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]) > 0)
