"""Mutated files of every format: loaded or refused with a reason, and every record counted."""

from bench.fuzz_readers import findings_of
from tests.kg.readers.loading import DATA
from tests.kg.readers.samples import samples
from tests.ontology.readers.samples import rdf_samples

OTHERS = (
    "hetio-nodes.tsv", "hetio-edges.tsv", "glia.json", "drugmechdb-glatiramer.yaml",
)  # fmt: skip


def test_no_mutation_ends_in_a_traceback_or_a_silent_loss() -> None:
    files = samples() | {name: (name, (DATA / name).read_bytes()) for name in OTHERS}
    found = findings_of(files, seed=7, stop=lambda rounds: rounds == 4)
    found += findings_of(rdf_samples(), seed=8, stop=lambda rounds: rounds == 3)
    assert [(name, fault) for name, fault, _ in found] == []
