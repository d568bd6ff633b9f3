"""Pictures as files: SVG for two widths, and PNG."""

import json
from dataclasses import dataclass
from typing import Any

import vl_convert as vlc
from altair.utils.schemapi import debug_mode

from opendocket.findings.finding import Figure
from opendocket.findings.theme import NARROW, WIDE

PNG_SCALE = 2.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, drawn."""

    wide: str
    """SVG for a page."""
    narrow: str
    """SVG for a telephone."""
    png: bytes


def drawn(figure: Figure) -> Drawn:
    """Draw a figure, without a network and without a browser.

    Args:
        figure: What to draw.
    """
    wide, narrow = (vlc.vegalite_to_svg(_spec(figure, width)) for width in (WIDE, NARROW))
    return Drawn(wide, narrow, png=vlc.svg_to_png(wide, scale=PNG_SCALE))


def _spec(figure: Figure, width: int) -> dict[str, Any]:
    # Altair checks each part of a chart against the schema whenever it is copied, which takes
    # longer than all the rest; the tests draw every figure with the checks on
    with debug_mode(False):
        spec: dict[str, Any] = json.loads(figure.draw(figure, width).to_json(validate=False))
    return {**spec, "description": str(figure.alt)}
