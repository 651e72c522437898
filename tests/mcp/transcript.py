"""`python -m tests.mcp.transcript [DATA]` prints a session of the official client as Markdown."""

from __future__ import annotations

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

from mechkg.api.mcp.budget import tokens
from tests.mcp.test_mcp import CALLS, tell

__all__ = ["transcript"]


async def transcript(command: StdioServerParameters) -> str:
    """Return what is asked and told in the calls of the tests, and their tokens."""
    parts, spent = [], 0
    async with Client(command, read_timeout_seconds=120) as client:
        for name, arguments in CALLS:
            told = await tell(client, name, arguments)
            spent += tokens(told)
            parts.append(f"`{name}`: `{json.dumps(arguments)}`\n\n```text\n{told}\n```\n")
    return "\n".join([*parts, f"{len(CALLS)} calls, {spent:,} tokens at most."])


if __name__ == "__main__":
    data = sys.argv[1] if len(sys.argv) > 1 else "data"
    arguments = ["-m", "mechkg", "mcp", "--graph", "ms-nsc", "--data", data]
    started = StdioServerParameters(command=sys.executable, args=arguments)
    sys.stdout.write(asyncio.run(transcript(started)) + "\n")
