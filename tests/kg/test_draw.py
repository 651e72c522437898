"""Figures: sound as geometry, safe as XML, the same everywhere, and bounded."""

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pypdf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mechkg.kg.draw import Box, Layout, Line, draw_pdf, draw_png, draw_svg, layout
from mechkg.kg.draw.arrangement import FIGURE_LINES, MAX_ENTITIES, MAX_LINES, roles
from mechkg.kg.draw.pdf import MAX_SHAPES
from mechkg.kg.draw.shapes import point_at
from mechkg.kg.draw.style import FAMILIES, INK, MUTED, PAPER, Effect, family_of
from mechkg.kg.draw.text import text_width, wrap
from mechkg.kg.errors import QueryError, TooLarge
from mechkg.kg.model.picture_style import SIZES, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph, effect_of
from mechkg.kg.writers import FORMATS
from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS
from tests.kg.subgraphs import EMPTY, GDNF, HOSTILE, NEURON, NSC, SCHEMA, SMALL, subgraphs

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
SLOW = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])


def random_graph(entities: int, links: Iterable[tuple[int, int]]) -> Subgraph:
    nodes = tuple(
        Entity(id=f"X:{i}", name=f"entity {i}", category="biolink:Cell") for i in range(entities)
    )
    statements = tuple(
        Statement(id=f"s{i}", subject=f"X:{a}", predicate="promotes", object=f"X:{b}", sign=1)
        for i, (a, b) in enumerate(links)
    )
    return Subgraph(entities=nodes, statements=statements)


def overlap(a: Box, b: Box) -> bool:
    return (
        abs(a.x - b.x) * 2 < a.width + b.width - 0.5
        and abs(a.y - b.y) * 2 < a.height + b.height - 0.5
    )


def line_of(placed: Layout, statement: str) -> Line:
    return next(line for line in placed.lines if statement in line.statements)


def words_of(line: Line) -> str:
    """The labels of a line, rows of one wording joined again."""
    return "".join(f"{' ' * label.continues}{label.text}" for label in line.labels)


def check_geometry(subgraph: Subgraph, placed: Layout) -> None:
    assert [box.id for box in placed.boxes] == [entity.id for entity in subgraph.entities]
    drawn = [i for line in placed.lines for i in line.statements]
    assert sorted(drawn) == sorted(s.id for s in subgraph.statements)
    assert not [(a.id, b.id) for a, b in combinations(placed.boxes, 2) if overlap(a, b)]
    boxes = {box.id: box for box in placed.boxes}
    for box in placed.boxes:
        assert box.width / 2 - 1 <= box.x <= placed.width - box.width / 2 + 1
        assert box.height / 2 - 1 <= box.y <= placed.height - box.height / 2 + 1
        assert all(text_width(line, 13) <= box.width for line in box.lines)
    for line in placed.lines:
        assert len(line.points) % 3 == 1
        for end, point in ((line.subject, line.points[0]), (line.object, line.points[-1])):
            box = boxes[end]
            assert abs(point[0] - box.x) <= box.width / 2 + 1
            assert abs(point[1] - box.y) <= box.height / 2 + 1


@SLOW
@given(subgraphs(most_statements=20))
def test_no_box_overlaps_and_every_line_joins_its_boxes(subgraph: Subgraph) -> None:
    check_geometry(subgraph, layout(subgraph, SCHEMA))


@SLOW
@given(st.integers(2, 25), st.randoms(use_true_random=False))
def test_overviews_are_sound_too(entities: int, random: object) -> None:
    draw = random.randrange  # type: ignore[attr-defined]
    pairs = [(draw(entities), draw(entities)) for _ in range(8 * entities)]
    subgraph = random_graph(entities, pairs)
    signed = tuple(
        msgspec.structs.replace(s, sign=sign, effect=effect_of(sign), negated=i % 3 == 0)
        for i, s in enumerate(subgraph.statements)
        for sign in [(None, -1, 0, 1)[i % 4]]
    )
    ends = {"sources": ("X:0",), "targets": ("X:1",)}
    subgraph = msgspec.structs.replace(subgraph, statements=signed, **ends)
    placed = layout(subgraph, SCHEMA)
    assert placed.labelled == (len(placed.lines) <= FIGURE_LINES)
    check_geometry(subgraph, placed)


@pytest.mark.parametrize("copies", [1, 40], ids=["figure", "overview"])
def test_sources_stand_left_of_all_and_targets_right(copies: int) -> None:
    middle = range(2, 2 + 4 * copies)
    links = [(0, i) for i in middle] + [(i, 1) for i in middle] + [(1, 2), (0, 1)]
    placed = layout(msgspec.structs.replace(random_graph(2 + 4 * copies, links),
                                            sources=("X:0",), targets=("X:1",)))  # fmt: skip
    assert placed.labelled == (copies == 1)
    source, target, *between = placed.boxes
    assert all(source.x + source.width / 2 < box.x - box.width / 2 for box in between)
    assert all(box.x + box.width / 2 < target.x - target.width / 2 for box in between)


def test_statements_among_the_sources_are_drawn_beside_them() -> None:
    links = [(0, 1), (1, 0), (0, 2), (2, 3), (1, 2), (3, 4), (2, 4), (4, 3)]
    graph = random_graph(5, links)
    graph = msgspec.structs.replace(graph, sources=("X:0", "X:1"), targets=("X:3", "X:4"))
    placed = layout(graph)
    assert placed.labelled
    check_geometry(graph, placed)
    assert placed.boxes[0].x == placed.boxes[1].x < placed.boxes[2].x
    assert placed.boxes[2].x < placed.boxes[3].x == placed.boxes[4].x


def test_roles_are_as_asked_whatever_statements_say() -> None:
    graph = random_graph(6, [(4, 0), (4, 1), (2, 4), (3, 4), (2, 3)])
    graph = msgspec.structs.replace(graph, sources=("X:0", "X:1"), targets=("X:1", "X:2"))
    assert roles(graph) == {"X:0": "source", "X:1": "both", "X:2": "target"}
    check_geometry(graph, layout(graph))
    assert roles(msgspec.structs.replace(graph, targets=())) == {}


def test_parallel_statements_share_a_line_by_effect() -> None:
    placed = layout(SMALL, SCHEMA)
    line = line_of(placed, "SC061")
    assert line.statements == ("SC061", "XC0001")
    assert [(label.text, label.count) for label in line.labels] == [("secretes", "×2 · 3")]
    assert line_of(placed, "MK001").labels[-1].count == "", "one of either is not counted"
    apart = [line for line in placed.lines if (line.subject, line.object) == (NSC.id, NEURON.id)]
    assert {line.effect for line in apart} == {
        Effect(-1, inferred=False, negated=True, hedged=False),
        Effect(2, inferred=True, negated=False, hedged=False),
    }


def test_labels_say_not_and_the_modality() -> None:
    placed = layout(SMALL, SCHEMA)
    assert words_of(line_of(placed, "N1")) == "not: inhibits"
    assert words_of(line_of(placed, "MK001")) == "promotes (possible)"


def test_thousands_of_parallel_statements_are_one_line_and_counted() -> None:
    parts = [
        Statement(id=f"s{i}", subject="a", predicate=f"p{i % 9}", object="b", sign=1)
        for i in range(5_000)
    ]
    a, b = Entity(id="a", name="a"), Entity(id="b", name="b")
    subgraph = Subgraph(entities=(a, b), statements=tuple(parts))
    (line,) = layout(subgraph).lines
    assert [label.text for label in line.labels] == ["p0", "p1", "and 7 more"]
    counts = [int(label.count.split()[0].removeprefix("×")) for label in line.labels]
    assert sum(counts) == 5_000
    assert b"and 4,960 more" in draw_svg(subgraph)


def test_families_differ_in_shape_and_colour() -> None:
    for part in ("shape", "fill", "stroke", "name"):
        assert len({getattr(family, part) for family in FAMILIES}) == len(FAMILIES)
    assert family_of("biolink:Neuron", SCHEMA).name == "cell"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag_aa_or_better() -> None:
    assert contrast(MUTED, PAPER) >= 4.5
    for family in FAMILIES:
        assert contrast(INK, family.fill) >= 7
        assert contrast(family.stroke, PAPER) >= 3
    for sign in (-1, 0, 1, 2):
        for negated in (False, True):
            effect = Effect(sign, inferred=False, negated=negated, hedged=False)
            assert contrast(effect.colour, PAPER) >= 4.5


def check_safe(svg: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    allowed = {"svg", "title", "desc", "rect", "path", "g", "text", "tspan"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.casefold().startswith("on")
            assert "href" not in name
            assert name == "data-id" or "url(" not in value
    return root


@pytest.mark.parametrize("subgraph", [SMALL, HOSTILE, EMPTY], ids=["small", "hostile", "empty"])
def test_the_svg_is_safe_and_accessible(subgraph: Subgraph) -> None:
    root = check_safe(draw_svg(subgraph, SCHEMA))
    assert root.attrib["role"] == "img"
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    assert root.attrib["viewBox"] == f"0 0 {width:.0f} {height:.0f}"
    described = root.attrib["aria-labelledby"].split()
    assert [e.attrib.get("id") for e in root[:2]] == described
    assert all(e.text for e in root[:2])


@SLOW
@given(subgraphs())
def test_any_text_makes_a_safe_svg(subgraph: Subgraph) -> None:
    check_safe(draw_svg(subgraph, SCHEMA))


def texts_of(svg: bytes) -> str:
    root = ElementTree.fromstring(svg)
    return "\n".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_the_svg_says_everything_in_text() -> None:
    svg = draw_svg(SMALL, SCHEMA)
    text = texts_of(svg)
    for expected in (SMALL.title, "neural stem cell", "GDNF", "secretes", "not: inhibits",
                     "promotes (possible)", "snapshot 4f1c2ab97e03", "3 entities, 6 statements",
                     "inferred", "denied", "hypothesised", "direction unknown"):  # fmt: skip
        assert "".join(expected.split()) in "".join(text.split()), "rows break where they must"
    assert "chemical" not in text, "the legend shows only what the figure holds"
    assert not re.search(rb"20\d\d-\d\d-\d\d", svg), "a figure is not dated"


def test_the_citation_line_names_snapshot_sources_and_licences() -> None:
    credits = ("MechKG (CC BY 4.0)", *(f"source number {i} (CC0 1.0)" for i in range(20)))
    svg = draw_svg(msgspec.structs.replace(SMALL, credits=credits), SCHEMA)
    root = ElementTree.fromstring(svg)
    (citation,) = (t for t in root.iter(f"{SVG}text") if t.get("class") == "citation")
    lines = [line.text or "" for line in citation]
    assert 1 < len(lines) <= 4
    assert lines[0].startswith("MechKG · snapshot 4f1c2ab97e03 · 3 entities, 6 statements")
    assert "sources: MechKG (CC BY 4.0), source number 0 (CC0 1.0)" in " ".join(lines)
    assert lines[-1].endswith("…"), "what does not fit is not left out silently"
    assert all(float(line.attrib["y"]) < float(root.attrib["height"]) for line in citation)


def test_a_cut_name_stands_whole_in_the_title_of_its_box() -> None:
    name = "negative regulation of oligodendrocyte progenitor proliferation " * 3
    cell = Entity(id="X:1", name=name.strip())
    svg = draw_svg(Subgraph(entities=(cell,), statements=()))
    root = ElementTree.fromstring(svg)
    assert "…" in texts_of(svg)
    assert any(name.strip() in (t.text or "") for t in root.iter(f"{SVG}title"))


def test_two_wordings_on_one_line_are_not_read_as_one() -> None:
    pair = (Entity(id="X:0", name="a"), Entity(id="X:1", name="b"))
    said = tuple(
        Statement(id=f"s{i}", subject="X:0", predicate=p, object="X:1", sign=1)
        for i, p in enumerate(("is_a_constituent_of", "positively_regulates"))
    )
    text = texts_of(draw_svg(Subgraph(entities=pair, statements=said)))
    assert "isaconstituentof,positivelyregulates" in "".join(text.split())


def test_an_empty_picture_says_so() -> None:
    text = texts_of(draw_svg(EMPTY))
    assert "No entities to draw." in text
    assert "Nothing found" in text


def test_an_overview_says_that_its_lines_have_no_labels() -> None:
    links = [(i % 30, (i * 7 + i // 30) % 30) for i in range(FIGURE_LINES + 30)]
    svg = draw_svg(random_graph(30, links))
    assert "unlabelled" in texts_of(svg)


def test_pictures_are_bounded_and_say_the_limit() -> None:
    with pytest.raises(TooLarge, match=f"{MAX_ENTITIES:,} entities, not {MAX_ENTITIES + 1:,}"):
        layout(random_graph(MAX_ENTITIES + 1, []))
    links = [(i // 200, i % 200) for i in range(MAX_LINES + 1)]
    with pytest.raises(TooLarge, match=f"{MAX_LINES:,} lines"):
        layout(random_graph(200, links))
    with pytest.raises(TooLarge, match="pixels"):
        draw_png(SMALL, SCHEMA, scale=20)


@pytest.mark.parametrize("subgraph", [SMALL, HOSTILE], ids=["small", "hostile"])
def test_a_style_changes_paint_and_no_text(subgraph: Subgraph) -> None:
    plain = draw_svg(subgraph, SCHEMA)
    grey = draw_svg(subgraph, SCHEMA, PictureStyle(palette="grey"))
    clear = draw_svg(subgraph, SCHEMA, PictureStyle(background="none"))
    roots = [check_safe(svg) for svg in (plain, grey, clear)]
    texts = [[part for part in root.itertext() if part.strip()] for root in roots]
    assert texts[0] == texts[1] == texts[2]
    paints = {
        paint
        for element in roots[1].iter()
        for name in ("fill", "stroke")
        if re.fullmatch("#[0-9a-f]{6}", paint := element.get(name, ""))
    }
    assert len(paints) > 2
    assert all(paint[1:3] == paint[3:5] == paint[5:] for paint in paints)
    assert len(list(roots[2].iter())) == len(list(roots[0].iter())) - 1, "the background"


def test_a_png_for_print_has_its_density_and_no_background() -> None:
    style = PictureStyle(background="none", dpi=300)
    width, _, _ = png_pixels(draw_png(SMALL, SCHEMA, PictureStyle(dpi=96)))
    data = draw_png(SMALL, SCHEMA, style)
    dense = struct.unpack(">I", data[16:20])[0]
    assert abs(dense / width - 300 / 96) < 0.01
    at = data.index(b"pHYs") + 4
    assert abs(struct.unpack(">I", data[at : at + 4])[0] * 0.0254 - 300) < 0.1


@pytest.mark.parametrize(("name", "style"), [
    ("turtle", PictureStyle(palette="grey")),
    ("json", PictureStyle(background="none")),
    ("svg", PictureStyle(dpi=300)),
])  # fmt: skip
def test_a_style_is_of_pictures_only(name: str, style: PictureStyle) -> None:
    form = next(one for one in (*FORMATS, *RDF_FORMATS) if one.name == name)
    with pytest.raises(QueryError, match="is of"):
        form.in_style(style)


ROUND = PictureStyle(arrangement="radial")


@settings(max_examples=25)
@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=60))
def test_a_radial_layout_holds_all_and_no_two_boxes_meet(
    count: int, links: list[tuple[int, int]]
) -> None:
    graph = random_graph(count, [(a % count, b % count) for a, b in links])
    placed = layout(graph, style=ROUND)
    assert [box.id for box in placed.boxes] == [entity.id for entity in graph.entities]
    assert placed == layout(graph, style=ROUND)
    for box in placed.boxes:
        assert box.width / 2 - 0.02 <= box.x <= placed.width - box.width / 2 + 0.02
        assert box.height / 2 - 0.02 <= box.y <= placed.height - box.height / 2 + 0.02
    assert not any(overlap(a, b) for a, b in combinations(placed.boxes, 2))


@settings(max_examples=10)
@given(subgraphs(), st.data())
def test_a_moved_entity_is_where_it_was_put_and_no_other_moves(
    subgraph: Subgraph, data: st.DataObject
) -> None:
    assume(subgraph.entities)
    before = layout(subgraph, SCHEMA)
    box = data.draw(st.sampled_from(before.boxes))
    x, y = data.draw(st.tuples(st.integers(-900, 900), st.integers(-900, 900)))
    moved = layout(subgraph, SCHEMA, PictureStyle(moved=(f"{box.id}@{x},{y}",)))
    left, top = moved.origin
    wanted = {one.id: (one.x, one.y) for one in before.boxes} | {box.id: (x, y)}
    for one in moved.boxes:
        assert (one.x - left, one.y - top) == pytest.approx(wanted[one.id], abs=0.05)
    assert len(moved.lines) == len(before.lines)
    for old, new in zip(before.lines, moved.lines, strict=True):
        assert (old.subject, old.object, old.labels) == (new.subject, new.object, new.labels)
        if box.id not in (old.subject, old.object):
            shifted = [(px + left, py + top) for px, py in old.points]
            for point, other in zip(new.points, shifted, strict=True):
                assert point == pytest.approx(other, abs=0.1)


def test_a_line_of_a_moved_entity_passes_boxes_and_ends_at_outlines() -> None:
    chain = random_graph(3, [(0, 1), (1, 2), (0, 2)])
    boxes = {box.id: box for box in layout(chain).boxes}
    first, middle, last = (boxes[entity.id] for entity in chain.entities)
    far = PictureStyle(moved=(f"{last.id}@{2 * middle.x - first.x:.0f},{first.y:.0f}",
                              f"{middle.id}@{middle.x:.0f},{first.y:.0f}"))  # fmt: skip
    placed = layout(chain, style=far)
    box = next(one for one in placed.boxes if one.id == middle.id)
    (line,) = (one for one in placed.lines if box.id not in (one.subject, one.object))
    segment = line.points[:4]
    for i in range(25):
        px, py = point_at(segment, i / 24)
        assert abs(px - box.x) > box.width / 2 or abs(py - box.y) > box.height / 2


def test_a_picture_of_what_is_not_in_it_is_refused() -> None:
    with pytest.raises(QueryError, match="moved"):
        layout(SMALL, SCHEMA, PictureStyle(moved=("X:absent@1,2",)))


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_fits_a_slide_or_a_column(size: str) -> None:
    style = msgspec.convert({"size": size, "dpi": 300}, PictureStyle)
    width, height = SIZES[size]
    root = ElementTree.fromstring(draw_svg(SMALL, SCHEMA, style))
    sides = [float(root.attrib[name].removesuffix("mm")) for name in ("width", "height")]
    assert any(
        side == pytest.approx(most, abs=0.01) for side, most in zip(sides, SIZES[size], strict=True)
    )
    assert sides[0] <= width + 0.01
    assert sides[1] <= height + 0.01
    pixels = struct.unpack(">II", draw_png(SMALL, SCHEMA, style)[16:24])
    assert pixels == pytest.approx([side / 25.4 * 300 for side in sides], abs=2)
    page = pypdf.PdfReader(io.BytesIO(draw_pdf(SMALL, SCHEMA, style))).pages[0]
    assert [float(one) / 72 * 25.4 for one in page.mediabox[2:]] == pytest.approx(sides, abs=0.1)
    assert "neural stem cell" in page.extract_text()


def test_a_png_says_how_large_it_is_meant_to_be() -> None:
    for scale, each in ((1, 3780), (2, 7559)):
        data = draw_png(SMALL, SCHEMA, scale=scale)
        assert data.count(b"pHYs") == 1
        place = data.index(b"pHYs") + 4
        assert struct.unpack(">IIB", data[place : place + 9]) == (each, each, 1)
        png_pixels(data)


def png_pixels(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and filtered rows of a PNG, by the specification's chunks."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, packed = 8, b""
    width = height = 0
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
        elif kind == b"IDAT":
            packed += body
        place += 12 + length
    return width, height, zlib.decompress(packed)


@pytest.mark.parametrize("subgraph", [SMALL, HOSTILE, EMPTY], ids=["small", "hostile", "empty"])
def test_the_png_is_the_svg_in_pixels(subgraph: Subgraph) -> None:
    root = ElementTree.fromstring(draw_svg(subgraph, SCHEMA))
    width, height, rows = png_pixels(draw_png(subgraph, SCHEMA, scale=1))
    assert (width, height) == (int(root.attrib["width"]), int(root.attrib["height"]))
    assert len(rows) == height * (4 * width + 1)
    assert len(set(rows)) > 10, "something is painted"


@pytest.mark.parametrize("subgraph", [SMALL, EMPTY], ids=["small", "empty"])
def test_the_pdf_says_in_text_what_the_svg_says(subgraph: Subgraph) -> None:
    svg, pdf = draw_svg(subgraph, SCHEMA), draw_pdf(subgraph, SCHEMA)
    assert pdf == draw_pdf(subgraph, SCHEMA), "equal subgraphs, equal bytes"
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    (page,) = reader.pages
    root = ElementTree.fromstring(svg)
    assert (float(page.mediabox.width), float(page.mediabox.height)) == (
        float(root.attrib["width"]),
        float(root.attrib["height"]),
    )
    said = "".join(page.extract_text().split())
    written = [t.text or "" for t in root.iter(f"{SVG}tspan")]
    assert written
    assert all("".join(text.split()) in said for text in written)
    assert reader.metadata is not None
    assert reader.metadata.title == subgraph.title


def test_a_pdf_holds_hostile_texts_as_text_and_is_bounded() -> None:
    reader = pypdf.PdfReader(io.BytesIO(draw_pdf(HOSTILE, SCHEMA)), strict=True)
    assert "<script>alert(1)</script>" in reader.pages[0].extract_text()
    assert "/Annots" not in reader.pages[0], "nothing in it can be pressed"
    assert "/AA" not in reader.root_object
    assert isinstance(reader.root_object["/OpenAction"], list), "a place, not an action"
    with pytest.raises(TooLarge, match=f"{MAX_SHAPES:,} shapes"):
        draw_pdf(random_graph(200, [(i // 200, i % 200) for i in range(MAX_SHAPES // 2)]))


def test_the_png_is_the_same_on_a_machine_without_fonts(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mechkg.kg.draw import draw_png\n"
        "from tests.kg.subgraphs import SCHEMA, SMALL\n"
        "sys.stdout.buffer.write(draw_png(SMALL, SCHEMA))\n"
    )
    bare = {"HOME": str(tmp_path), "FONTCONFIG_FILE": str(tmp_path / "none"),
            "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}  # fmt: skip
    run = subprocess.run([sys.executable, "-c", program], env=bare, cwd=tmp_path,
                         capture_output=True, check=True)  # fmt: skip
    assert run.stdout == draw_png(SMALL, SCHEMA)
    assert run.stderr == b""


@given(st.text(max_size=200), st.floats(40, 300), st.integers(1, 4))
def test_wrapped_lines_fit(text: str, width: float, lines: int) -> None:
    wrapped = wrap(text, width, 13, lines=lines)
    assert 1 <= len(wrapped) <= lines
    assert all(text_width(line, 13) <= width + 13 for line in wrapped)
    if not wrapped[-1].endswith("…"):
        kept = "".join("".join(wrapped).split())
        assert kept == "".join(re.sub(r"[^\S ]", " ", "".join(wrapped)).split())


def test_a_layout_is_plain_data_for_the_page() -> None:
    placed = layout(SMALL, SCHEMA)
    again = msgspec.json.decode(msgspec.json.encode(placed), type=Layout)
    assert again == placed
    assert layout(SMALL, SCHEMA) == placed


def test_schema_is_optional() -> None:
    assert {box.id for box in layout(SMALL).boxes} == {NSC.id, GDNF.id, NEURON.id}
    assert draw_svg(SMALL) == draw_svg(SMALL, Schema())


def test_a_name_stays_in_its_place():
    assert wrap("\u202eabc\u202c def", 200, 10, lines=1) == ["abc def"]
    assert wrap("a" + "\u0301" * 50 + "b", 200, 10, lines=1) == ["a" + "\u0301" * 4 + "b"]
