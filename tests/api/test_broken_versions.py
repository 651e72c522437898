"""A version that is broken is not served: the last good one is, and readiness says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving


def build(data: Path, sign: int) -> Path:
    statement = Statement(id="S1", subject="X:1", predicate="affects", object="X:2", sign=sign)
    path = build_snapshot(
        data / "own", name="own", entities=(), statements=[statement], schema=biolink_schema()
    )
    Catalogue(data).publish("own", path)
    return path


def turn_over(path: Path) -> None:
    written = path.read_bytes()
    path.write_bytes(written[:-1] + bytes([written[-1] ^ 1]))


def sign(service: Service) -> int:
    answer = service.get("/api/v1/statements/S1")
    assert answer.status_code == 200, answer.text
    return answer.json()["sign"]


def verified(data: Path) -> tuple[int, list[dict[str, str]], str]:
    command = [sys.executable, "-m", "mechkg", "verify", "--data", str(data), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.returncode, msgspec.json.decode(done.stdout), done.stderr


def test_the_last_good_version_is_served(tmp_path: Path) -> None:
    good = build(tmp_path, 1)
    log = tmp_path / "log"
    with serving(tmp_path, log, graph="own", workers=1) as service:
        assert sign(service) == 1
        assert service.get("/readyz").json() == {"status": "ready"}

        worse = build_snapshot_broken(tmp_path)
        for _ in range(3):
            assert sign(service) == 1
        ready = service.get("/readyz")
        assert ready.status_code == 200
        assert "the content of sign.npy has changed" in ready.json()["detail"]
        assert f"Version {good.name} is served." in ready.json()["detail"]
        assert log.read_text().count("the content of sign.npy has changed") == 1
        pinned = service.get(f"/api/v1/statements/S1?snapshot={worse.name}")
        assert pinned.status_code == 503
        assert pinned.json()["type"].endswith("/invalid-snapshot")

        code, states, said = verified(tmp_path)
        assert code == 2
        assert "1 of 2 versions are torn" in said
        by_version = {state["snapshot"]: state["state"] for state in states}
        assert by_version[good.name] == "whole"
        assert "sign.npy" in by_version[worse.name]

        assert build(tmp_path, -1) == worse
        assert sign(service) == -1
        assert service.get("/readyz").json() == {"status": "ready"}
        assert verified(tmp_path)[0] == 0

        (worse / "names.sqlite").unlink()
        assert service.get("/readyz").status_code == 503


def build_snapshot_broken(data: Path) -> Path:
    """Build and publish the other version with a bit of its signs turned over."""
    statement = Statement(id="S1", subject="X:1", predicate="affects", object="X:2", sign=-1)
    path = build_snapshot(
        data / "own", name="own", entities=(), statements=[statement], schema=biolink_schema()
    )
    turn_over(path / "sign.npy")
    Catalogue(data).publish("own", path)
    return path
