"""Mechanism recovery: the figures of a run, against a count by hand and random runs."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.mechanisms import ask_graph, ask_service, interval, measures, read_gold, table, write_run
from mechkg import open_graph

QUESTION = {
    "query_id": "q1", "drug": "d", "disease": "x", "tier": "primary", "cluster": "c1",
    "paths": [["d", "a", "x"], ["d", "b", "c", "x"]],
}  # fmt: skip


def test_a_hit_is_the_whole_sequence_of_a_curated_path() -> None:
    near = ("d", "c", "b", "x")
    assert measures(QUESTION, []) == [0, 0, 0, 0, 0]
    assert measures(QUESTION, [near]) == [0, 0, 0, 0, 2 / 3]
    ranked = [near] * 10 + [("d", "a", "x")]
    assert measures(QUESTION, ranked)[:4] == [0, 0, 1, pytest.approx(1 / 11)]
    assert measures(QUESTION, [near] * 100 + [("d", "a", "x")])[:4] == [0, 0, 0, 0]


def test_an_interval_holds_the_mean_and_resamples_whole_clusters() -> None:
    values = np.random.default_rng(2).random(200)
    low, high = interval(values, [str(i) for i in range(200)])
    assert low < values.mean() < high
    repeated = np.repeat(values[:20], 10)
    wide = interval(repeated, [str(i // 10) for i in range(200)])
    assert wide[1] - wide[0] > 2 * (high - low)


def test_a_gold_file_is_read_by_tier_and_sampled_evenly(tmp_path: Path) -> None:
    lines = [{**QUESTION, "query_id": f"q{i}", "tier": "primary"} for i in range(40)]
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"tier": "surplus"}]))
    assert len(read_gold(file)) == 40
    some = [q["query_id"] for q in read_gold(file, sample=8)]
    assert len(set(some)) == 8
    assert some == [q["query_id"] for q in read_gold(file, sample=8)]


def test_a_run_of_the_product_is_written_and_counted(
    data_directory: Path, server: str, tmp_path: Path
) -> None:
    graph = open_graph(data_directory / "ms-nsc" / "current")
    found = ask_graph(graph, 5)("NSC", "GDNF")
    assert ask_service(server)("NSC", "GDNF")[:5] == found
    question = {**QUESTION, "paths": [list(found[1])]}
    assert "hits@10          100.0%" in table([question], [found])
    write_run(tmp_path / "run.jsonl", [question], [found])
    assert json.loads((tmp_path / "run.jsonl").read_text())["paths"] == [list(p) for p in found]
