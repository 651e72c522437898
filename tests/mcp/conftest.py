"""What the protocol's tests share: a session of the official client with a real server process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]

Session = Callable[[Callable[[Client], Coroutine[Any, Any, Any]]], Any]


@pytest.fixture(scope="session")
def command(environment: dict[str, str]) -> StdioServerParameters:
    """The server as an agent would start it: as its own child process."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "mechkg", "mcp", "--graph", "ms-nsc"],
        env=environment | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )


@pytest.fixture
def session(command: StdioServerParameters) -> Session:
    """Runs a coroutine with a connected client."""

    def run(talk: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
        async def connected() -> Any:
            async with Client(command, read_timeout_seconds=PATIENCE) as client:
                return await talk(client)

        return asyncio.run(connected())

    return run
