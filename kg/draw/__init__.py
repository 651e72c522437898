"""Mechanism figures: their layout (`layout`), as SVG, as PNG and as PDF."""

from __future__ import annotations

from mechkg.kg.draw.arrangement import layout
from mechkg.kg.draw.pdf import draw_pdf
from mechkg.kg.draw.png import draw_png
from mechkg.kg.draw.scene import Box, Layout, Line
from mechkg.kg.draw.svg import draw_svg

__all__ = ["Box", "Layout", "Line", "draw_pdf", "draw_png", "draw_svg", "layout"]
