"""The page's types are those of the HTTP interface."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_types", ROOT / "web" / "generate_types.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_types_of_the_page_are_up_to_date(generator: ModuleType) -> None:
    written = (ROOT / "web" / "src" / "schema.ts").read_text("utf-8")
    assert written == generator.typescript(), "run python web/generate_types.py"


def test_types_follow_from_schemas(generator: ModuleType) -> None:
    text = generator.typescript(("PathRequest", "Path"))
    assert "readonly source: readonly string[];" in text
    assert "readonly max_hops?: number;" in text
    assert "readonly sign: -1 | 0 | 1 | null;" in text
    assert "export interface HopStatement {" in text
    assert "export interface Comparison {" not in text
