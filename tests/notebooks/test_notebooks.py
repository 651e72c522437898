"""The notebooks of the documentation run from top to bottom, and every value shows itself."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own libraries
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MECHKG_URL", server)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    NotebookClient(
        notebook, timeout=int(PATIENCE), resources={"metadata": {"path": tmp_path}}
    ).execute()
    shown = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"text/html"} <= kinds
    assert not [output for output in shown if output.output_type == "error"]


def test_the_notebooks_are_kept_without_outputs():
    kept = [nbformat.read(path, as_version=4) for path in NOTEBOOKS]
    assert len(kept) == 3
    assert not [c for n in kept for c in n.cells if c.cell_type == "code" and c.outputs]
