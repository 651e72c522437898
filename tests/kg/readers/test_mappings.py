"""SSSOM files as people write them: prefixes, sentinels, literals, denials, no match at all."""

from pathlib import Path

import pytest

from tests.kg.readers.loading import Read, read

NODES = "id\tname\tcategory\nCL:0000540\tneuron\tbiolink:Cell\nFMA:54527\tNeuron\tbiolink:Cell\n"
HEADER = "subject_id\tpredicate_id\tobject_id\tpredicate_modifier\tsubject_type\n"


def mapped(folder: Path, text: str) -> Read:
    (folder / "nodes.tsv").write_text(NODES)
    (folder / "map.sssom.tsv").write_text(text)
    return read(folder / "nodes.tsv", mappings=[folder / "map.sssom.tsv"])


@pytest.mark.parametrize(
    "text",
    [
        "CL:0000540\tskos:exactMatch\tFMA:54527\n",
        "cl:0000540\tskos:exactMatch\tfma:54527\n",
        "CL_0000540\towl:equivalentClass\tFMA:54527\n",
        "http://purl.obolibrary.org/obo/CL_0000540\towl:sameAs\tFMA:54527\n",
        "CL:0000540\thttp://www.w3.org/2004/02/skos/core#exactMatch\tFMA:54527\n",
        '"CL:0000540"\t"skos:exactMatch"\t"FMA:54527"\n',
        "CL:0000540|X:1\tskos:exactMatch\tFMA:54527\n",
    ],
)
def test_exact_matches_join_in_every_spelling(tmp_path: Path, text: str) -> None:
    assert mapped(tmp_path, HEADER + text).entities.keys() == {"FMA:54527"}


def test_prefixes_mean_what_the_curie_map_says(tmp_path: Path) -> None:
    text = (
        "#curie_map:\n#  n: http://purl.obolibrary.org/obo/CL_\n#  s: http://www.w3.org/2004/02/"
        f"skos/core#\n{HEADER}n:0000540\ts:exactMatch\tFMA:54527\n"
    )
    assert mapped(tmp_path, text).entities.keys() == {"FMA:54527"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CL:0000540\tskos:exactMatch\tsssom:NoTermFound\n", "there is no match"),
        ("https://w3id.org/sssom/NoTermFound\tskos:exactMatch\tFMA:54527\n", "there is no match"),
        ("CL:0000540\tskos:exactMatch\tFMA:54527\tNot\n", "is negated"),
        ("CL:0000540\tskos:closeMatch\tFMA:54527\n", "is no exact match"),
        ("\tskos:exactMatch\tFMA:54527\t\trdfs literal\n", "a literal is no entity"),
        ("X:1\tskos:exactMatch\tX:2\n", "names nothing in the files"),
    ],
)
def test_what_joins_nothing_is_passed_over_with_its_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    found = mapped(tmp_path, HEADER + text)
    assert len(found.entities) == 2
    (count,) = (count for count in found.loaded.report.files if count.kind == "mapping")
    assert (count.seen, count.passed_over) == (1, 1)
    assert reason in count.reasons[0].reason
    assert count.reasons[0].examples[0].line == 2
