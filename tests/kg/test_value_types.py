"""Types that threads meet first at the same time: a process must not end by it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

MEET = """
import sys, threading
from typing import Annotated, Literal
import msgspec
from mechkg.kg.model.decoders import prebuild_decoders

sys.setswitchinterval(1e-6)
Text = Annotated[str, msgspec.Meta(max_length=5)]
kinds = []
for i in range(60):
    inner = msgspec.defstruct(f"Inner{i}", [(f"a{j}", Text | None, None) for j in range(9)])
    kinds.append(msgspec.defstruct(
        f"Outer{i}",
        [(f"b{j}", tuple[inner, ...] | Literal["x"] | None, None) for j in range(9)],
    ))
assert prebuild_decoders("__main__") == 120
gate = threading.Barrier(4)

def meet():
    for kind in kinds:
        gate.wait()
        msgspec.json.decode(b'{"b1": [{"a1": "x"}]}', type=kind)

threads = [threading.Thread(target=meet) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("met")
"""


def test_threads_that_meet_a_type_first_together_live() -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEET], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "met\n"), run.stderr
