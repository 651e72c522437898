"""The command line: `mechkg`.

Exit codes: 0 done; 1 a fault of the program, with a traceback; 2 bad input, with one line on
standard error; 130 interrupted. Answers go to standard output, everything else to standard error.

Commands import what they run inside the function, so that `mechkg --help` and `mechkg search` do
not wait for numba, rdflib or a web framework.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from mechkg.api.cli.backups import backup, pin, restore
from mechkg.api.cli.comparisons import chokepoints, compare, significance
from mechkg.api.cli.copying import copy
from mechkg.api.cli.curation import edit, fork, token
from mechkg.api.cli.files import draw, export
from mechkg.api.cli.graphs import info, load, prune, validate, verify, warm
from mechkg.api.cli.mcp import mcp
from mechkg.api.cli.open_ends import open_ends
from mechkg.api.cli.questions import neighbourhood, paths, search
from mechkg.api.cli.serve import serve
from mechkg.api.cli.spark import spark
from mechkg.api.cli.tables import printable
from mechkg.kg.errors import MechKGError

__all__ = ["COMMANDS", "main", "mechkg"]

COMMANDS = (
    serve,
    load,
    copy,
    validate,
    paths,
    open_ends,
    compare,
    chokepoints,
    significance,
    neighbourhood,
    search,
    export,
    draw,
    info,
    verify,
    prune,
    pin,
    backup,
    restore,
    fork,
    edit,
    token,
    warm,
    mcp,
    spark,
)

BAD_INPUT = 2
INTERRUPTED = 130


class ReaderLeft(Exception):
    """The reader of a pipe has what it wanted."""


class Commands(click.Group):
    """A group that tells of a broken pipe by its own name: click would leave with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for; raises `ReaderLeft`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeft from error


@click.group(
    cls=Commands,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="mechkg", message="mechkg %(version)s")
def mechkg() -> None:
    """Find, rank, explain and draw mechanism paths in a knowledge graph."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    try:
        code = mechkg.main(args=arguments, prog_name="mechkg", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except click.ClickException as error:
        _refuse(error.format_message())
    except MechKGError as error:
        _refuse(str(error))
    except (ReaderLeft, BrokenPipeError):
        _leave_pipe()
    except OSError as error:
        _refuse(f"{error.filename}: {error.strerror}." if error.filename else str(error))
    except (KeyboardInterrupt, click.Abort):
        click.echo("mechkg: interrupted.", err=True)
        sys.exit(INTERRUPTED)


def _leave_pipe() -> NoReturn:
    """Leave: the reader of a pipe has what it wanted. Python would complain when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _refuse(sentence: str) -> NoReturn:
    click.echo(f"mechkg: {printable(sentence)}", err=True)
    sys.exit(BAD_INPUT)
