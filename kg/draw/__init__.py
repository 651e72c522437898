"""Mechanism figures: where everything stands (`layout`), as SVG, as PNG and as PDF."""

from __future__ import annotations

from kg.draw.arrangement import layout
from kg.draw.pdf import draw_pdf
from kg.draw.png import draw_png
from kg.draw.scene import Box, Layout, Line
from kg.draw.svg import draw_svg

__all__ = ["Box", "Layout", "Line", "draw_pdf", "draw_png", "draw_svg", "layout"]
