"""The rules of the house, held by tests: size, layers, public surface, pins, licences."""

import ast
import inspect
import re
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import grimp
import pytest
import yaml
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mechkg
from mechkg.kg import errors
from mechkg.kg.model import queries, results, schema, values
from tests.conftest import SLOW

ROOT = Path(__file__).parents[1]
PACKAGES = ("kg", "ontology", "api")
MODULES = sorted(
    chain(
        (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")),
        (ROOT / "mechkg").glob("*.py"),
        (ROOT / "mechkg" / "notebook").glob("*.py"),
    )
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

PART_OF_FLASK = {"werkzeug", "markupsafe"}
PYTHON_3_14 = {"compression"}

MODULE_LINES = 600
FUNCTION_LINES = 40
KERNEL_LINES = 60
"""Of a function that numba compiles: splitting a loop there would scatter one idea."""
KERNELS = ("kg/kernels/", "kg/build/adjacency_kernels.py", "kg/columns/text_kernels.py")

MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|opt|root|home|Users)/\w")
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("deb", "debian", "org"),
    )
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def pins(name: str) -> dict[str, Requirement]:
    """The requirements of a lock file; their hashes are another test's (tests/test_deploy.py)."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    lines = re.sub(r" \\\n +--hash=\S+", "", text).splitlines()
    found = [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]
    return {requirement.name: requirement for requirement in found}


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_and_its_functions_are_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < MODULE_LINES
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines = {node.name: lines_of_code(node) for node in functions}
    is_kernel = str(path.relative_to(ROOT)).startswith(KERNELS)
    limit = KERNEL_LINES if is_kernel else FUNCTION_LINES
    assert {name: count for name, count in lines.items() if count >= limit} == {}


def lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body: its examples, and the formatter's one line a parameter, are
    no complexity.
    """
    told = ast.get_docstring(node) is not None
    code = node.body[1:] if told else node.body
    assert node.end_lineno is not None
    return node.end_lineno - code[0].lineno + 1 if code else 0


def test_layers_import_one_way() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == EXIT_STATUS_SUCCESS


def test_few_arrows_join_the_folders_of_the_core() -> None:
    """The number of docs/architecture.md; an arrow is one folder that imports another."""
    graph = grimp.build_graph("mechkg", cache_dir=None)
    folder = {
        module: ".".join(module.split(".")[:3])
        for module in graph.modules
        if module.startswith("mechkg.kg.")
    }
    arrows = {
        (folder[module], folder[imported])
        for module in folder
        for imported in graph.find_modules_directly_imported_by(module) & folder.keys()
        if folder[module] != folder[imported]
    }
    said = re.search(
        r"fewer than (\d+) arrows join its folders and top modules",
        (ROOT / "docs" / "architecture.md").read_text(),
    )
    assert said
    assert len(arrows) < int(said[1])


def test_public_surface_of_the_library() -> None:
    """Every error, and every type that a query takes or gives, is there by its short name."""
    assert mechkg.__all__ == sorted(mechkg.__all__)
    assert [name for name in mechkg.__all__ if not hasattr(mechkg, name)] == []
    assert set(errors.__all__) <= set(mechkg.__all__)
    kinds = {
        name
        for module in (queries, results, schema, values)
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__
    }
    for face in (mechkg.Graph, mechkg.Client):
        for name, method in inspect.getmembers(face, inspect.isfunction):
            if not name.startswith("_"):
                answer = set(re.findall(r"\w+", str(method.__annotations__["return"])))
                assert answer & kinds <= set(mechkg.__all__), f"{face.__name__}.{name}"


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("import mechkg; mechkg.PathQuery", {"numba", "rdflib", "flask", "networkx"}),
        ("import mechkg.kg.graph", {"numba", "rdflib", "flask", "networkx"}),
        ("import mechkg.api.cli", {"numba", "rdflib", "flask", "networkx", "pyoxigraph", "rich"}),
    ],
)
def test_light_imports_stay_light(program: str, heavy: set[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert heavy.intersection(told.stdout.split()) == set()


def test_no_file_names_a_machine() -> None:
    offending = {}
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = [*MACHINE_PATHS.findall(text), *(host for host in HOSTS if host in text)]
        if len(name := socket.gethostname()) > 8 and name in text:
            found.append(name)
        if found:
            offending[str(path.relative_to(ROOT))] = found
    assert offending == {}


@pytest.mark.parametrize("name", ["runtime", "dev", "build", "bench", "docs", "sbom", "installer"])
def test_requirements_are_pinned(name: str) -> None:
    for requirement in pins(name).values():
        assert requirement.url is None
        assert [s.operator for s in requirement.specifier] == ["=="], requirement


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime", PROJECT["dependencies"]),
        ("dev", PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_pins_satisfy_what_the_project_asks_for(name: str, wanted: list[str]) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, wanted):
        assert requirement.name in pinned, requirement
        (pin,) = pinned[requirement.name].specifier
        assert requirement.specifier.contains(pin.version), requirement


def test_tests_run_on_the_runtime_pins() -> None:
    runtime, dev = pins("runtime"), pins("dev")
    assert {n: str(r.specifier) for n, r in runtime.items()} == {
        n: str(dev[n].specifier) for n in runtime
    }


def test_every_import_is_a_declared_dependency() -> None:
    extras = {k: v for k, v in PROJECT["optional-dependencies"].items() if k != "dev"}
    texts = [*PROJECT["dependencies"], *chain.from_iterable(extras.values())]
    declared = {Requirement(text).name for text in texts}
    imported = set().union(*map(imported_packages, MODULES)) - {"mechkg"}
    homes = packages_distributions()
    undeclared = {
        package
        for package in imported - sys.stdlib_module_names - PART_OF_FLASK - PYTHON_3_14
        if not declared.intersection(canonicalize_name(name) for name in homes[package])
    }
    assert undeclared == set()


def test_licences() -> None:
    code = (ROOT / "LICENSE").read_text()
    assert "Apache License\n" in code
    assert "Version 2.0, January 2004" in code
    assert "END OF TERMS AND CONDITIONS" in code
    assert [int(n) for n in re.findall(r"^ {3}(\d)\. ", code, re.MULTILINE)] == list(range(1, 10))
    ontology = (ROOT / "ontology" / "LICENSE.md").read_text()
    assert "creativecommons.org/licenses/by/4.0" in ontology
    assert PROJECT["license"] == "Apache-2.0 AND CC-BY-4.0"
    assert [path for path in PROJECT["license-files"] if not (ROOT / path).is_file()] == []


def test_citation() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["authors"] == [{"name": author["name"]} for author in PROJECT["authors"]]
    assert citation["version"] == mechkg.__version__
    assert citation["license"] == PROJECT["license"].split(" AND ")


def test_slow_files_are_there() -> None:
    assert [name for name in SLOW if not (ROOT / "tests" / name).is_file()] == []


def test_changelog_is_kept() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d{2}-\d{2})?$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_make_explains_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^make ([\w-]+)", told.stdout, re.MULTILINE)) == {*phony.split()} - {
        "help"
    }


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert "`make test`" in (ROOT / "README.md").read_text()


def test_container_is_pinned_and_unprivileged() -> None:
    text = (ROOT / "Dockerfile").read_text()
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert images
    assert all(re.fullmatch(r"python:3\.1[123]\.\d+-slim-\w+", image) for image in images)
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
