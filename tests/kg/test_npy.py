"""Array files: mapped as numpy maps them, by any number of threads; torn files are errors."""

import gc
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechkg.kg.columns.npy import map_array, open_array, write_array
from mechkg.kg.errors import SnapshotError
from tests.kg.temporary import directory

DTYPES = ("u1", "i1", "i2", "i4", "i8", "u8", "f4", "f8")


@given(st.sampled_from(DTYPES), st.integers(0, 300))
def test_an_array_of_numpy_is_mapped_as_numpy_maps_it(dtype: str, count: int) -> None:
    with directory() as folder:
        np.save(folder / "a.npy", np.arange(count).astype(dtype))
        ours, theirs = map_array(folder / "a.npy"), np.load(folder / "a.npy", mmap_mode="r")
        assert ours.tolist() == theirs.tolist()
        assert (ours.dtype, ours.offset, ours.mode) == (theirs.dtype, theirs.offset, "r")


@pytest.mark.parametrize("cut", [0, 6, 20, 127, 128, 135])
def test_a_torn_array_is_said(tmp_path: Path, cut: int) -> None:
    write_array(tmp_path / "a.npy", np.arange(1, 3))
    whole = (tmp_path / "a.npy").read_bytes()
    assert cut < len(whole)
    (tmp_path / "a.npy").write_bytes(whole[:cut])
    with pytest.raises(SnapshotError, match=r"a\.npy cannot be read"):
        open_array(tmp_path / "a.npy")


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2)), np.zeros(()), np.array([None]), np.zeros(2, [("a", "i4")])]
)
def test_an_array_of_another_kind_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(SnapshotError, match="one dimension"):
        open_array(tmp_path / "a.npy")


def test_threads_at_other_depths_of_the_stack_map_at_once(tmp_path: Path) -> None:
    """numpy parses headers with `ast`, in which a thread of CPython 3.11 fails if another cuts in.

    It does so where a garbage collection has a callback, as hypothesis and profilers set one.
    """
    write_array(tmp_path / "a.npy", np.arange(3))
    errors: list[BaseException] = []

    def pause(_phase: str, _info: dict[str, int]) -> None:
        time.sleep(0)

    def at(depth: int) -> None:
        if depth:
            at(depth - 1)
            return
        try:
            for _ in range(500):
                open_array(tmp_path / "a.npy")
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=at, args=(depth,)) for depth in (0, 30, 90, 200)]
    threshold = gc.get_threshold()
    gc.callbacks.append(pause)
    gc.set_threshold(20)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(pause)
    assert errors == []
