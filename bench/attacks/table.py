"""The findings in order, each with what tries it and the test that keeps it mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.attacks.availability import (
    abandoned,
    bit_flips,
    exports_at_once,
    idle_connections,
    many_edges,
    read_only,
    slow_readers,
    sparql_switch,
    temporary_files_gone,
)
from bench.attacks.corners import (
    columns_and_pipes,
    encodings,
    functions_of_control,
    job_rights,
    json_and_names,
    left_by_kills,
    log_lines,
    orphaned_builds,
    settings,
)
from bench.attacks.doors import (
    container_volume,
    import_names,
    large_export,
    other_version,
    turned_round,
)
from bench.attacks.fairness import (
    access_log,
    all_jobs,
    broken_files,
    heavy_beside_cheap,
    numbers_and_callbacks,
    origins,
    public_mcp,
    readiness,
    reloads,
    restart,
    stable_names,
    store_in_the_way,
    whole_picture,
)
from bench.attacks.lab import (
    Lab,
    Outcome,
)

__all__ = ["ATTACKS", "Attack"]


@dataclass(frozen=True)
class Attack:
    """A finding: what is sent, what tries it, and the test of the suite that keeps it mended."""

    finding: str
    sent: str
    probe: Callable[[Lab], Outcome]
    test: str = ""


ATTACKS: Final = (
    Attack("A1", "TMPDIR removed under a running server, its workers killed", temporary_files_gone,
           "api/test_hard_times.py"),
    Attack("A2", "56 path:find while two versions are switched every 50 ms", sparql_switch,
           "sparql/test_stores.py"),
    Attack("A3", "6 single bits of each file of a snapshot turned over", bit_flips,
           "kg/test_digests.py"),
    Attack("A4, doors A2", "12 x graph.rdf of 40,000 statements at once", exports_at_once,
           "api/test_lanes.py"),
    Attack("A5", "TRAPI with 3,000 and 18,000 parallel edges", many_edges, "trapi/test_limits.py"),
    Attack("A6", "14 graph.rdf, then 14 POST /paths of 500 x 500, abandoned", abandoned,
           "api/test_slow_clients.py"),
    Attack("A7", "20 clients that never read 4 MB", slow_readers, "api/test_slow_clients.py"),
    Attack("A8", "400 idle connections at 128 descriptors", idle_connections,
           "api/test_hard_times.py"),
    Attack("A9, doors A5", "the data of another user: SPARQL, asyncquery", read_only,
           "trapi/test_jobs.py"),
    Attack("B1", "two loads and prunes; SPARQL asked all the while", reloads,
           "sparql/test_stores.py"),
    Attack("B2", "a store that cannot be made, 6 requests", store_in_the_way,
           "sparql/test_stores.py"),
    Attack("B3", "16 compare of hubs, 6 cross products, cheap ones beside", heavy_beside_cheap,
           "api/test_lanes.py"),
    Attack("B4", "110 jobs of one client, one of another", all_jobs, "trapi/test_jobs.py"),
    Attack("B5", "odd callbacks, hops of 5,000 digits", numbers_and_callbacks,
           "trapi/test_jobs.py, sparql/test_paths.py"),
    Attack("B6", "five broken files", broken_files, "kg/readers/test_hostile_files.py"),
    Attack("B7", "kill -9 of the master, a start at once", restart, "api/test_hard_times.py"),
    Attack("B8", "mcp on 0.0.0.0 without a token", public_mcp, "mcp/test_mcp.py"),
    Attack("B9", "a foreign origin and Host, both closed by settings", origins,
           "api/test_origins.py"),
    Attack("B10", "a table loaded again with a row more", stable_names, "kg/test_statement_ids.py"),
    Attack("B11", "a file truncated, then all gone: /readyz", readiness,
           "api/test_broken_versions.py"),
    Attack("B13", "a request with an identifier, its line in the log", access_log,
           "api/test_service.py"),
    Attack("B14", "the whole ontology as PNG", whole_picture, "api/test_exports.py"),
    Attack("C", "two masters killed: files in TMPDIR", left_by_kills, "api/test_hard_times.py"),
    Attack("C", "SIGTERM while a store is made", orphaned_builds, "sparql/test_stores.py"),
    Attack("C", "CR, ESC, U+2028 in an address", log_lines, "api/test_hard_times.py"),
    Attack("C", "q=0 of all encodings; gzip body; no Host", encodings, "api/test_http.py"),
    Attack("C", "a key twice; control characters in a name", json_and_names,
           "api/test_decoding.py"),
    Attack("C", "a pipe; a table of 16,000 columns", columns_and_pipes,
           "kg/readers/test_hostile_files.py"),
    Attack("C", "rights of job files", job_rights, "trapi/test_jobs.py"),
    Attack("C", "wrong settings", settings, "api/test_settings.py"),
    Attack("C", "a control character in SPARQL results as XML", functions_of_control,
           "sparql/test_protocol.py"),
    Attack("doors A1", "260,000 statements out by CLI and HTTP", large_export,
           "api/test_streamed_exports.py"),
    Attack("doors A3", "TRAPI constraints in the other version's spelling", other_version,
           "trapi/test_refusals.py"),
    Attack("doors A4", "treats, and treated_by", turned_round, "trapi/test_lookup.py"),
    Attack("doors A6", "load into a named volume: the Dockerfile", container_volume,
           "test_house.py"),
    Attack("doors A7", "the one import name", import_names, "test_wheel.py"),
)  # fmt: skip
