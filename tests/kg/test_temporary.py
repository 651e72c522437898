"""What a killed run leaves in memory goes with the next run; what a living one uses stays."""

import subprocess
import sys
from pathlib import Path

from tests.kg.temporary import MEMORY, PREFIX, directory, sweep

HOLD = """from tests.kg.temporary import directory
with directory() as path:
    print(path, flush=True)
    input()"""


def test_what_a_killed_run_left_is_swept_and_what_is_used_stays() -> None:
    with directory() as mine:
        (mine / "used").touch()
        with subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        ) as other:
            assert other.stdout is not None
            theirs = Path(other.stdout.readline().strip())
            sweep(MEMORY)
            assert theirs.is_dir()
            other.kill()
        assert theirs.is_dir()
        sweep(MEMORY)
        assert not theirs.parent.exists()
        assert (mine / "used").exists()
        assert mine.parent.name.startswith(PREFIX)
    assert not mine.exists()
