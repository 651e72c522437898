"""The example of a plug-in, installed as a user installs it, and plug-ins that are broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import PATIENCE

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "mechkg-arrows"
ARROWS = "a:1 -p-> a:2\na:1 -p-> a:3\na:2 -p-> a:4\na:3 -p-> a:4\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the example in it."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", folder)
    command = [sys.executable, "-m", "pip", "install", *options, EXAMPLE]
    subprocess.run(command, check=True, timeout=PATIENCE)
    return folder


def mechkg(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(site), str(ROOT)))
    return subprocess.run(
        [sys.executable, "-m", "mechkg", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "MECHKG_DATA": "data", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_reader_writer_and_scorer_of_the_example_are_used(site: Path, tmp_path: Path) -> None:
    (tmp_path / "small.arrows").write_text(ARROWS)
    loaded = mechkg(site, tmp_path, "load", "small.arrows", "--name", "small")
    assert loaded.returncode == 0, loaded.stderr
    exported = mechkg(site, tmp_path, "export", "--graph", "small", "--format", "arrows")
    assert exported.stdout == ARROWS
    ends = ("a:1", "a:4", "--graph", "small", "--scorer", "few-entities", "--json")
    ranked = mechkg(site, tmp_path, "paths", *ends)
    assert '"name":"entities"' in ranked.stdout.replace('": "', '":"'), ranked.stderr


def test_without_the_example_its_formats_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "small.arrows").write_text(ARROWS)
    refused = mechkg(tmp_path, tmp_path, "load", "small.arrows", "--name", "small")
    assert refused.returncode == 2
    assert "small.arrows" in refused.stderr


@pytest.mark.parametrize(
    ("target", "reason"),
    [("mechkg_nowhere:WRITER", "No module named 'mechkg_nowhere'"), ("json:dumps", "no Format")],
)
def test_a_broken_plug_in_is_named(tmp_path: Path, target: str, reason: str) -> None:
    about = tmp_path / "broken-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[mechkg.writers]\nworse = {target}\n")
    assert mechkg(tmp_path, tmp_path, "warm").returncode == 0
    ran = mechkg(tmp_path, tmp_path, "export", "--graph", "ms-nsc")
    assert ran.returncode == 2
    assert "worse of broken (mechkg.writers)" in ran.stderr
    assert reason in ran.stderr
    assert mechkg(tmp_path, tmp_path, "search", "GDNF", "--graph", "ms-nsc").returncode == 0
