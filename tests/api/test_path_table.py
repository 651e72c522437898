"""Paths as a table: one a row, in the order and with the figures of the JSON answer."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from pyarrow.parquet import read_table
from pyarrow.types import is_list

from tests.api.servers import Service

ASKED = {"source": "NSC", "target": "Remyelination", "limit": 20}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_holds_what_the_path_holds(service: Service) -> None:
    answer = service.get("/api/v1/paths.csv", params=ASKED)
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = table(answer.text)
    paths = service.get("/api/v1/paths", params=ASKED).json()["paths"]
    assert len(rows) == len(paths) > 10
    for rank, (row, path) in enumerate(zip(rows, paths, strict=True), 1):
        assert (int(row["rank"]), int(row["length"])) == (rank, path["length"])
        assert float(row["score"]) == pytest.approx(path["score"], abs=1e-5)
        assert (row["effect"], row["explanation"]) == (path["effect"], path["explanation"])
        parts = [float(value) for name, value in row.items() if name.startswith("score_") and value]
        assert sum(parts) == pytest.approx(path["score"], abs=1e-3)
        for at, entity in enumerate(path["entities"], 1):
            assert row[f"entity_{at}"] == entity["id"]
            assert row[f"name_{at}"] == entity["name"]
        for at, hop in enumerate(path["hops"], 1):
            assert row[f"statements_{at}"].split(" | ") == [s["id"] for s in hop["statements"]]


def test_parquet_has_the_cells_of_csv_with_their_types(service: Service) -> None:
    answer = service.get("/api/v1/paths.parquet", params=ASKED)
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    found = read_table(io.BytesIO(answer.content))
    rows = table(service.get("/api/v1/paths.csv", params=ASKED).text)
    assert found.column_names == list(rows[0])
    lists = {name for name in found.column_names if is_list(found.schema.field(name).type)}
    assert {"statements_1", "publications_1", "predicate_1", "assumptions"} < lists
    for record, row in zip(found.to_pylist(), rows, strict=True):
        assert (record["rank"], record["score"]) == (int(row["rank"]), float(row["score"]))
        for name, value in record.items():
            joined = " | ".join(value or ()) if name in lists else value
            if isinstance(joined, str | None):
                assert (joined or "") == row[name].removeprefix("'")


def test_no_path_is_a_parquet_table_without_rows(service: Service) -> None:
    asked = {"source": "neuron", "target": "ocrelizumab", "format": "parquet"}
    found = read_table(io.BytesIO(service.get("/api/v1/paths", params=asked).content))
    assert (found.num_rows, found.column_names[:2]) == (0, ["rank", "score"])


def test_scores_of_rows_fall(service: Service) -> None:
    rows = table(service.get("/api/v1/paths", params={**ASKED, "format": "csv"}).text)
    assert all(float(a["score"]) >= float(b["score"]) for a, b in pairwise(rows))


def test_no_path_is_a_table_without_rows(service: Service) -> None:
    asked = {"source": "neuron", "target": "ocrelizumab"}
    text = service.get("/api/v1/paths.csv", params=asked).text
    assert text.startswith("rank,score,length,effect")
    assert table(text) == []


def test_other_answers_have_no_such_table(service: Service) -> None:
    refused = service.get("/api/v1/graph", params={"format": "csv"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "unknown-term")
