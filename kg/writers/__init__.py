"""Export formats of a subgraph, one module per format.

`FORMATS` is the table of those that need no RDF library; `ontology.rdf.formats` has one of the same
type. A form's module is loaded when it first writes, so that a server that writes JSON loads no
networkx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final

from mechkg.kg import plugins
from mechkg.kg.errors import QueryError
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers.limits import (
    DEFINITIONS,
    KGX,
    KGX_TSV,
    XML,
    Limit,
    Loss,
    losses,
    shows,
)
from mechkg.kg.writers.rows import GraphRows

__all__ = [
    "FORMATS",
    "OPEN_ENDS_TABLE",
    "PATH_PARQUET",
    "PATH_TABLE",
    "PATH_TABLES",
    "Format",
    "GraphRows",
    "Limit",
    "Loss",
    "Stream",
    "formats",
]

Write = Callable[[Any, Schema], bytes]
"""Takes a `Subgraph`; those of tables take an answer: `PathResult`, `OpenEndsResult`."""
Styled = Callable[[PictureStyle], Write]
Stream = Callable[[GraphRows, Schema], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """A form of a subgraph: its name in a URL, file suffix, media type, label and writer.

    `write(subgraph, schema)` returns the whole document; it is a pure function of its arguments,
    so that equal subgraphs give equal bytes. `suffix` has no leading dot; `label` is for people.
    `stream(rows, schema)`, where there is one, yields the document of a whole graph piece by piece,
    in memory that does not grow with it. `styled(style)`, of a picture, is its writer in another
    style, of whose fields it takes those that `takes` names. `limits` are what the format cannot
    hold of a graph.

    >>> Format("text", "txt", "text/plain", "Plain text", lambda graph, schema: b"").suffix
    'txt'
    """

    name: str
    suffix: str
    media_type: str
    label: str
    write: Write
    stream: Stream | None = None
    limits: tuple[Limit, ...] = ()
    styled: Styled | None = None
    takes: tuple[str, ...] = ()

    def in_style(self, style: PictureStyle) -> Format:
        """Return the format with its pictures in a style; itself where that changes nothing.

        Raises `QueryError` for what of the style the format does not take.

        >>> FORMATS[0].in_style(PLAIN).label
        'JSON'
        """
        changed = [n for n in style.__struct_fields__ if getattr(style, n) != getattr(PLAIN, n)]
        if not changed:
            return self
        refused = [name for name in changed if name not in self.takes]
        if refused or self.styled is None:
            takers = ", ".join(one.name for one in FORMATS if refused[0] in one.takes)
            raise QueryError(refused[0], f"is of the formats {takers}, not of {self.name}")
        return replace(self, write=self.styled(style))

    def losses(self, subgraph: Subgraph, schema: Schema) -> tuple[Loss, ...]:
        """Return what of a subgraph this format cannot hold; O(size of the subgraph).

        >>> from mechkg.kg.model.values import Entity
        >>> graph = Subgraph(entities=(Entity(id="CL:1", name="neuron"),), statements=())
        >>> {form.name: len(form.losses(graph, Schema())) for form in FORMATS}["svg"]
        1
        """
        return losses(self.limits, subgraph, schema)


def _streaming(module: str, function: str = "stream") -> Stream:
    """Return a streaming writer that loads its module on first use."""

    def stream(rows: GraphRows, schema: Schema) -> Iterator[bytes]:
        pieces: Iterator[bytes] = getattr(import_module(f"{__name__}.{module}"), function)(
            rows, schema
        )
        return pieces

    return stream


def _from(module: str, function: str = "write") -> Write:
    """Return a writer that loads its module on first use."""

    def write(subgraph: Subgraph, schema: Schema) -> bytes:
        written: bytes = getattr(import_module(f"{__name__}.{module}"), function)(subgraph, schema)
        return written

    return write


def _styled(module: str, function: str = "write") -> Styled:
    """Return what makes a writer in a style, which loads the drawing on first use."""

    def in_style(style: PictureStyle) -> Write:
        def write(subgraph: Subgraph, schema: Schema) -> bytes:
            writer = getattr(import_module(f"{__name__}.{module}"), function)
            written: bytes = writer(subgraph, schema, style)
            return written

        return write

    return in_style


_PICTURE: Final = shows("a picture of names, categories, predicates and effects")

_PLACES: Final = ("arrangement", "moved")
_LOOK: Final = ("palette", "background", "size")
_PIXELS: Final = (*_PLACES, *_LOOK, "dpi")

FORMATS: Final = (
    Format("json", "json", "application/json", "JSON", _from("json"), _streaming("json"),
           DEFINITIONS),
    Format("graphml", "graphml", "application/graphml+xml", "GraphML", _from("graphml"),
           limits=XML),
    Format("gexf", "gexf", "application/gexf+xml", "GEXF", _from("gexf"), limits=XML),
    Format("cytoscape", "cyjs", "application/vnd.cytoscape.js+json", "Cytoscape.js JSON",
           _from("cytoscape"), limits=KGX),
    Format("cx2", "cx2", "application/vnd.cx2+json", "CX2", _from("cx2"), limits=KGX),
    Format("dot", "dot", "text/vnd.graphviz", "Graphviz DOT", _from("dot"), limits=_PICTURE),
    Format("mermaid", "mmd", "text/vnd.mermaid", "Mermaid flowchart", _from("mermaid"),
           limits=_PICTURE),
    Format("svg", "svg", "image/svg+xml", "SVG picture", _from("picture", "write_svg"),
           limits=_PICTURE, styled=_styled("picture", "write_svg"), takes=_PLACES + _LOOK),
    Format("png", "png", "image/png", "PNG picture", _from("picture", "write_png"),
           limits=_PICTURE, styled=_styled("picture", "write_png"), takes=_PIXELS),
    Format("pdf", "pdf", "application/pdf", "PDF picture", _from("picture", "write_pdf"),
           limits=_PICTURE, styled=_styled("picture", "write_pdf"), takes=_PLACES + _LOOK),
    Format("layout", "layout.json", "application/vnd.mechkg.layout+json", "Figure as coordinates",
           _from("layout"), limits=_PICTURE, styled=_styled("layout"), takes=_PLACES),
    Format("kgx-tsv", "kgx.tsv.tar.gz", "application/vnd.kgx.tsv+gzip", "KGX TSV",
           _from("kgx", "write_tsv"), _streaming("kgx", "stream_tsv"), KGX_TSV),
    Format("kgx-jsonl", "kgx.jsonl.tar.gz", "application/vnd.kgx.jsonl+gzip", "KGX JSON Lines",
           _from("kgx", "write_jsonl"), _streaming("kgx", "stream_jsonl"), KGX),
    Format("tsv", "tsv", "text/tab-separated-values", "Table of statements", _from("tsv"),
           _streaming("tsv"), shows("a table of statements with the names of their ends")),
    Format("bibtex", "bib", "application/x-bibtex", "BibTeX of the evidence", _from("bibtex"),
           limits=shows("a list of the publications behind the statements")),
)  # fmt: skip
"""In the order in which a page offers them. Media types tell all of them apart; those of
Cytoscape.js, CX2, Mermaid, KGX, BibTeX and the layout are not registered with IANA."""


PATH_TABLE: Final = Format(
    "csv", "csv", "text/csv", "Table of paths", _from("path_table"),
    limits=shows("a table of paths"),
)  # fmt: skip
"""The format of an answer with paths that is no graph: its writer takes the answer."""

PATH_PARQUET: Final = Format(
    "parquet", "parquet", "application/vnd.apache.parquet", "Table of paths (Parquet)",
    _from("path_table", "write_parquet"), limits=shows("a table of paths"),
)  # fmt: skip
"""The same table as Parquet; it needs pyarrow."""

PATH_TABLES: Final = (PATH_TABLE, PATH_PARQUET)

OPEN_ENDS_TABLE: Final = Format(
    "csv", "csv", "text/csv", "Table of ends", _from("open_ends_table"),
    limits=shows("a table of ends"),
)  # fmt: skip
"""The same of an answer with open ends."""


def formats() -> tuple[Format, ...]:
    """Return the export formats: ours, then those of plug-ins (group `mechkg.writers`)."""
    return (*FORMATS, *plugins.plugins("mechkg.writers", Format))
