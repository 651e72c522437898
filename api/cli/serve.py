"""`mechkg serve`: its options are the table of settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from mechkg.api.http.settings import SETTINGS, Settings

__all__ = ["serve"]

Command = TypeVar("Command", bound=Callable[..., Any])


def _settings_options(command: Command) -> Command:
    """Add one option for each setting, named and explained as the table has it."""
    for row in reversed(SETTINGS):
        command = click.option(
            f"--{row.name.replace('_', '-')}",
            row.name,
            help=f"{row.meaning} [${row.env}; default: {row.default or 'none'}]",
        )(command)
    return command


@click.command()
@_settings_options
def serve(**given: str | None) -> None:
    """Serve a graph over HTTP until interrupted.

    Without --graph, the latest loaded graph is served, or the bundled ontology if there is none.
    """
    settings = Settings.gather(os.environ, **given)
    from mechkg.api.http.server import run  # the web framework, which other commands do not need

    run(settings)
