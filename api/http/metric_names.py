"""The metrics of a server, as tables: name, what it says, labels."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CURRENT", "DOORS", "DOOR_SECONDS", "GROWING", "HISTOGRAMS", "LANE", "LEVELS", "PATHS",
    "QUERIES", "REQUESTS", "ROUTE_SECONDS", "STORE_FAILURES", "STREAMS", "WORKERS", "outcome",
]  # fmt: skip

REQUESTS: Final = "mechkg_requests"
QUERIES: Final = "mechkg_path_queries"
STREAMS: Final = "mechkg_path_streams"
PATHS: Final = "mechkg_paths_returned"
LANE: Final = "mechkg_lane"
WORKERS: Final = "mechkg_workers_started"
STORE_FAILURES: Final = "mechkg_rdf_store_failures"
ROUTE_SECONDS: Final = "mechkg_request_seconds"
DOOR_SECONDS: Final = "mechkg_door_seconds"

GROWING: Final = {
    REQUESTS: ("Requests answered.", ("route", "method", "status")),
    QUERIES: ("Path queries answered, by what cut them short.", ("truncated_by",)),
    STREAMS: ("Streams of paths that have ended, by what ended them.", ("ended",)),
    PATHS: ("Paths returned.", ()),
    f"{LANE}_waits": ("Requests that had to wait for their turn.", ("lane",)),
    f"{LANE}_wait_seconds": ("Time that requests waited for their turn.", ("lane",)),
    f"{LANE}_refused": ("Requests refused as their turn did not come (429).", ("lane",)),
    f"{LANE}_cancelled": ("Work that was stopped, its client having gone away.", ("lane",)),
    WORKERS: ("Worker processes started, also in the place of others.", ()),
    STORE_FAILURES: ("Processes that failed to make an RDF store.", ()),
}
"""Numbers that only grow; Prometheus sees their names with `_total`."""

LEVELS: Final = {
    f"{LANE}_working": ("Requests that are worked on.", ("lane",)),
    f"{LANE}_waiting": ("Requests that wait for their turn.", ("lane",)),
}
"""Numbers that go up and down, and end with the worker that they are of."""

HISTOGRAMS: Final = {
    ROUTE_SECONDS: ("Time from the first byte read by the application to the answer.", ("route",)),
    DOOR_SECONDS: (
        "The same by door and outcome: answered, refused (4xx), busy (429, 503), failed (5xx).",
        ("door", "outcome"),
    ),
}

CURRENT: Final = {
    "mechkg_snapshot_info": ("The snapshot that is served.", ("name", "hash")),
    "mechkg_entities": ("Entities of the snapshot.", ()),
    "mechkg_statements": ("Statements of the snapshot.", ()),
    "mechkg_snapshot_timestamp_seconds": ("When the snapshot became the current one.", ()),
    "mechkg_snapshot_broken": (
        "1 where the current version cannot be opened, or not by another process.", ()
    ),
    "mechkg_rdf_store_state": (
        "1 for the state of the RDF store: ready, making, or missing.", ("state",)
    ),
    "mechkg_trapi_jobs": ("TRAPI jobs that are kept, done ones included.", ()),
    "mechkg_disk_free_bytes": ("Space left for files of the data directory.", ()),
    "mechkg_processes": (
        "Processes of the server: its master, its workers, and their helpers.", ("process",)
    ),
    "mechkg_memory_bytes": (
        "Memory of these processes: their own (anonymous), and mapped files (shared).",
        ("process", "kind"),
    ),
}  # fmt: skip
"""What is looked up at each scrape."""

DOORS: Final = {
    "graph": "api",
    "page": "page",
    "documents": "page",
    "service": "service",
    "curation": "curation",
    "trapi": "trapi",
    "sparql": "sparql",
    "identifiers": "linked_data",
}
"""The door that each blueprint of the application is; all else is `other`."""

_OUTCOMES: Final = {429: "busy", 503: "busy"}
_CLASSES: Final = {4: "refused", 5: "failed"}


def outcome(status: int) -> str:
    """Return how a request ended, in a word, by the status of its answer.

    >>> outcome(200), outcome(404), outcome(429), outcome(500)
    ('answered', 'refused', 'busy', 'failed')
    """
    return _OUTCOMES.get(status) or _CLASSES.get(status // 100, "answered")
