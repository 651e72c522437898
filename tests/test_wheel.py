"""The wheel, installed as a user installs it: one import name, whatever else is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

import mechkg
from tests.kernel_cache import install_kernels
from tests.processes import PATIENCE, first_match, running

ROOT = Path(__file__).parents[1]
ANNOUNCED = re.compile(r"at http://(\S+?)/$")
OURS = ("kg", "ontology", "api")
"""Names of our folders that projects, and packages of the public index, have as well."""

TRIPLES = "subject\tpredicate\tobject\na:1\tp\ta:2\na:2\tp\ta:3\n"

TYPED = """
import mechkg

graph = mechkg.open_graph("data/ms-nsc/current")
found = graph.find_paths(source="NSC", target="neuron")
reveal_type(found)
reveal_type(found.paths[0].score)
reveal_type(mechkg.Client("127.0.0.1:8000").find_paths(source="NSC"))
"""

REMOTE = """
import sys
import mechkg

with mechkg.Client(sys.argv[1]) as client:
    found = client.find_paths(source="NSC", target="neuron", max_hops=2)
    assert found.paths[0].entities[0].id == "CL:0000047", found
    assert client.entity("GDNF").name == "GDNF"
    assert client.export("paths", "svg", source="NSC", target="neuron").startswith(b"<")
    import requests, time
    asked = {"query": "ASK { ?s ?p ?o }"}
    while True:
        answer = requests.get(f"{client.address}/sparql", params=asked, timeout=600)
        if answer.status_code != 503:  # the store is being made
            break
        time.sleep(0.1)
    assert answer.status_code == 200, answer.text
    assert requests.get(f"{client.address}/", timeout=60).status_code == 200
"""


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel, and a project folder with names like ours."""

    python: Path
    project: Path

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python.parent / command[0]), *command[1:]],
            cwd=self.project,
            env=clean() | variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def clean() -> dict[str, str]:
    """Return the environment without what would lead to this checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MECHKG_", "PYTHON"))}
    return kept | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(
    wheel: Path, data_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """The wheel in an environment of its own; its dependencies are the ones of this run."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    project = folder / "project"
    for name in OURS:
        (project / name).mkdir(parents=True)
        for path in (project / f"{name}.py", project / name / "__init__.py"):
            path.write_text(f"raise ImportError('this is the {name} of the project')\n")
    (project / "three.tsv").write_text(TRIPLES)
    (project / "typed.py").write_text(TYPED)
    (project / "remote.py").write_text(REMOTE)
    there = Installed(folder / "venv" / "bin" / "python", project)
    there.pip("install", "--no-deps", "--no-index", str(wheel))
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(sysconfig.get_path("purelib"))
    assert data_directory.is_dir()  # so that there are compiled kernels
    install_kernels(site / "mechkg" / "kg", without="collect")
    return there


def make_wheel(folder: Path, name: str) -> Path:
    """Write a distribution whose only module has a name of ours, as the public index has them."""
    path = folder / f"{name}-9.9-py3-none-any.whl"
    about = f"{name}-9.9.dist-info"
    parts = {
        f"{name}/__init__.py": f"raise ImportError('this is the {name} of the public index')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    parts[f"{about}/RECORD"] = "".join(f"{part},,\n" for part in (*parts, f"{about}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return path


def test_wheel_installs_one_name_and_holds_every_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"mechkg", f"mechkg-{mechkg.__version__}.dist-info"}
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "mechkg", *OURS]
    listed = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True)
    links = {f"mechkg/{name}" for name in OURS}
    wanted = {
        name if name.startswith("mechkg/") else f"mechkg/{name}"
        for name in listed.stdout.split()
        if name not in links and (ROOT / name).is_file()
    }
    assert wanted - names == set()
    rest = {name for name in names - wanted if name.startswith("mechkg/")}
    assert rest, "the page is missing"
    assert {name for name in rest if not name.startswith("mechkg/api/http/static/")} == set()


def test_types_are_seen_by_a_type_checker(installed: Installed) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", installed.python,
         "--cache-dir", installed.project / ".mypy", "typed.py"],
        cwd=installed.project, env=clean(), capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    revealed = re.findall(r'Revealed type is "(.+?)"', ran.stdout)
    assert [kind.rpartition(".")[2] for kind in revealed] == ["PathResult", "float", "PathResult"]


def commands(installed: Installed, **variables: str) -> Iterator[tuple[str, str]]:
    """Run every kind of command; yield it with its output."""
    for line in (
        "mechkg --help",
        "mechkg warm",
        "mechkg load three.tsv --name three",
        "mechkg info --graph three",
        "mechkg paths NSC neuron --max-hops 2 --graph ms-nsc",
        "mechkg paths a:1 a:3 --graph three",
        "mechkg search GDNF --graph ms-nsc",
        "mechkg neighbourhood GDNF --graph ms-nsc",
        "mechkg draw NSC neuron --max-hops 2 --graph ms-nsc --output figure.svg",
        "mechkg export --graph ms-nsc --entity GDNF --output gdnf.ttl",
        "mechkg validate gdnf.ttl",
        "mechkg export --graph three --format turtle",
        "python -m mechkg --help",
        "python -c import\u00a0mechkg;print(mechkg.__version__,mechkg.Client,mechkg.Graph)",
    ):
        words = [word.replace("\u00a0", " ") for word in line.split(" ")]
        ran = installed.run(*words, MECHKG_DATA="data", **variables)
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        yield line, ran.stdout


def serves(installed: Installed, **variables: str) -> None:
    """Start the service, and query it with the client, in the project."""
    with (
        (installed.project / "log").open("w") as errors,
        running(
            [str(installed.python.parent / "mechkg"), "serve", "--port", "0", "--graph", "ms-nsc"],
            cwd=installed.project,
            env=clean() | {"MECHKG_DATA": "data"} | variables,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        assert process.stdout is not None
        announced = first_match(process.stdout, ANNOUNCED.search)
        assert announced, (installed.project / "log").read_text()
        ran = installed.run("python", "remote.py", announced[1], **variables)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("where", ["beside", "on PYTHONPATH"])
def test_commands_start_in_a_project_with_names_like_ours(installed: Installed, where: str) -> None:
    """Each program imports its parts from the package, not from where it is started."""
    variables = {} if where == "beside" else {"PYTHONPATH": str(installed.project)}
    for line in ("mechkg --help", "mechkg validate three.tsv", "python -m mechkg --help"):
        ran = installed.run(*line.split(), **variables)
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"


def test_packages_with_names_like_ours_come_and_go(installed: Installed, tmp_path: Path) -> None:
    """All works with such names in the project, on PYTHONPATH and among the packages at once.

    Each of them only adds a module that may be found first, so what works with all of them works
    with any. What is uninstalled takes nothing of ours with it.
    """
    ours = files_of(installed)
    found = [str(make_wheel(tmp_path, name)) for name in OURS]
    installed.pip("install", "--no-deps", "--no-index", *found)
    ran = installed.run("python", "-P", "-c", "import kg")
    assert "of the public index" in ran.stderr
    variables = {"PYTHONPATH": str(installed.project)}
    outputs = dict(commands(installed, **variables))
    assert any("neural stem cell" in text for text in outputs.values())
    serves(installed, **variables)
    assert files_of(installed) == ours
    installed.pip("uninstall", "--yes", *OURS)
    assert files_of(installed) == ours
    assert installed.run("mechkg", "info", "--graph", "three", MECHKG_DATA="data").returncode == 0


def files_of(installed: Installed) -> dict[str, str]:
    """Return the digest of every installed file of ours, by its path."""
    (package,) = installed.python.parents[1].glob("lib/python*/site-packages/mechkg")
    return {
        str(path.relative_to(package)): sha256(path.read_bytes()).hexdigest()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_kernels_are_compiled_once(installed: Installed) -> None:
    """What one process compiled the next one finds, by whatever path it was started."""
    assert installed.run("mechkg", "warm", MECHKG_DATA="data").returncode == 0
    check: Callable[[str], str] = lambda flag: installed.run(  # noqa: E731
        "python", *flag.split(), "-c", "from mechkg.kg.warmup import is_warm; print(is_warm())"
    ).stdout.strip()
    assert [check(flag) for flag in ("", "-P", "-I")] == ["True"] * 3
