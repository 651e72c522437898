"""Interning against a plain dictionary, and cutting against `str.split`."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.columns.text_kernels import cut_fields, cut_triples

texts = st.lists(st.text(max_size=12), max_size=60)


@given(st.lists(texts, max_size=6))
def test_equal_texts_get_equal_numbers_in_order_of_first_sight(batches: list[list[str]]) -> None:
    interner = Interner()
    known: dict[str, int] = {}
    for batch in batches:
        expected = [known.setdefault(text, len(known)) for text in batch]
        assert interner.intern(Column.of(batch)).tolist() == expected
    assert interner.column.texts() == list(known)
    assert len(interner) == len(known)


@given(texts, texts)
def test_finding_enters_nothing(entered: list[str], asked: list[str]) -> None:
    interner = Interner(entered)
    known = {text: number for number, text in enumerate(dict.fromkeys(entered))}
    assert interner.find(Column.of(asked)).tolist() == [known.get(text, -1) for text in asked]
    assert len(interner) == len(known)


def test_many_texts_outgrow_every_table() -> None:
    interner = Interner()
    many = [f"NCBIGene:{i}" for i in range(50_000)]
    assert interner.intern(Column.of(many)).tolist() == list(range(50_000))
    assert interner.intern(Column.of(many[::-1])).tolist() == list(range(50_000))[::-1]
    long = "x" * 100_000
    assert interner.text(int(interner.intern(Column.of([long]))[0])) == long


cells = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(cells, cells, cells), max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_lines_are_cut_as_split_would(rows: list[tuple[str, str, str]], end: str) -> None:
    data = "".join("\t".join(row) + end for row in rows).encode()
    buffer = np.frombuffer(data, np.uint8)
    start = np.empty((3, len(rows)), np.int64)
    stop = np.empty_like(start)
    numbers = np.empty(len(rows), np.int64)
    count, line, at, fields = cut_fields(buffer, 9, (0, 1, 0), start, stop, numbers)
    assert (count, line, at, fields) == (len(rows), 1 + len(rows), len(data), -1)
    assert numbers.tolist() == list(range(1, 1 + len(rows)))
    columns = [Column(buffer, start[i], stop[i]).texts() for i in range(3)]
    assert list(zip(*columns, strict=True)) == rows


def test_short_lines_are_filled_blank_ones_and_comments_left_out_and_long_ones_stop() -> None:
    data = b"a\tb\n\n# said\nc\n \t\nd\te\t\t\nf\tg\th\ni\tj\n"
    buffer = np.frombuffer(data, np.uint8)
    start, stop = np.empty((2, 8), np.int64), np.empty((2, 8), np.int64)
    numbers = np.empty(8, np.int64)
    row, line, at, fields = cut_fields(buffer, 9, (0, 1, 0), start, stop, numbers)
    assert (row, line - 1, fields) == (4, 7, 3), "the seventh line has three fields"
    row, line, at, fields = cut_fields(buffer, 9, (row, line, at), start, stop, numbers)
    assert (row, fields, at) == (5, -1, len(data))
    cells = [Column(buffer, start[i, :row], stop[i, :row]).texts() for i in range(2)]
    assert list(zip(*cells, strict=True)) == [
        ("a", "b"), ("c", ""), (" ", ""), ("d", "e"), ("i", "j")
    ]  # fmt: skip
    assert numbers[:row].tolist() == [1, 4, 5, 6, 8]


def test_triples_are_cut_and_what_is_doubtful_is_left_to_a_parser() -> None:
    lines = {
        b"<a:s> <a:p> <a:o> .": 1,
        b"<a:s><a:p><a:o>.": 1,
        b'<a:s> <a:p> "x \\" y"@en . # said': 2,
        b'<a:s> <a:p> "1"^^<a:int> <a:g> .': 2,
        b"  # nothing": 0,
        b"": 0,
        b"_:b <a:p> <a:o> .": 3,
        b"<a:s> <a:p> <<( <a:s> <a:p> <a:o> )>> .": 3,
        b"<a:s> <a:p> <a:\\u00e9> .": 3,
        b"<a:s> <a:p> <a:o>": 3,
        b"<a:s> <a:p> <a o> .": 3,
        b"<a:s> <a:p> <o> .": 3,
        b'<a:s> <a:p> "open .': 3,
        b'<a:s> <a:p> "x\\': 3,
        b"<a:s> <a:p>": 3,
        b"<": 3,
    }
    buffer = np.frombuffer(b"".join(line + b"\n" for line in lines), np.uint8)
    start = np.zeros((3, len(lines)), np.int64)
    end = np.zeros_like(start)
    kind = np.empty(len(lines), np.uint8)
    assert cut_triples(buffer, start, end, kind) == len(lines)
    assert dict(zip(lines, kind.tolist(), strict=True)) == lines
    assert Column(buffer, start[2], end[2]).texts()[2] == '"x \\" y"@en'
