"""One picture of a stream: how well each learner predicted it, and what it lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDE, ROW, LEFT, TOP = 640, 20, 150, 44
STYLE = (
    "text{font:12px sans-serif;fill:#1f2937}.s{font-size:11px;fill:#4b5563}"
    "line{stroke:#d1d5db}.p{fill:#1d4ed8}.l{stroke:#b45309;stroke-width:5}"
)


def drawn(rows: Sequence[dict[str, Any]]) -> str:
    """An SVG: a dot where a stream was predicted before it was learned, a bar for what was lost.

    The bar begins at the best reading of the held-out parts and ends at that after the last task.
    """
    most = max(max(row["prequential"][0], row["at_the_end"][0]) for row in rows) * 1.02
    scale = (WIDE - LEFT - 20) / most
    high = TOP + ROW * len(rows) + 30
    parts = [_grid(scale, most, high)]
    for number, row in enumerate(rows):
        y = TOP + ROW * number + ROW / 2
        end = LEFT + scale * row["at_the_end"][0]
        best = end - scale * row["forgetting"][0]
        parts.append(
            f'<text x="8" y="{y + 4:.0f}">{row["learner"]}, {row["strategy"]}</text>'
            f'<line class="l" x1="{best:.1f}" x2="{end:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="p" cx="{LEFT + scale * row["prequential"][0]:.1f}" cy="{y}" r="4"/>'
        )
    title = f"{rows[0]['stream']}: bits per byte, {rows[0]['seeds']} seeds"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}">'
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="18">{title}</text><text class="s" x="8" y="34">'
        f"dot: predicted before it was learned; bar: held-out parts, from their best to the end"
        f"</text>{''.join(parts)}</svg>\n"
    )


def _grid(scale: float, most: float, high: int) -> str:
    return "".join(
        f'<line x1="{LEFT + scale * bits:.1f}" x2="{LEFT + scale * bits:.1f}" y1="{TOP}" '
        f'y2="{high - 24}"/><text class="s" x="{LEFT + scale * bits - 3:.1f}" y="{high - 8}">'
        f"{bits}</text>"
        for bits in range(int(most) + 1)
    )
