"""One picture of many lessons: what is recalled and what it costs in general text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDE, LEFT, RIGHT = 640, 46, 150
TOP, SHARES_HIGH, GAP, BITS_HIGH = 44, 220, 34, 80
CURVES = {
    "newest": ("newest, as taught", "#1d4ed8"),
    "first": ("first, as taught", "#b45309"),
    "all": ("all, as taught", "#111827"),
    "in_other_words": ("all, in other words", "#7c3aed"),
    "never_told": ("never told, honest", "#047857"),
}
STYLE = (
    "text{font:12px sans-serif;fill:#1f2937}.s{font-size:11px;fill:#4b5563}"
    "line{stroke:#d1d5db}polyline{fill:none;stroke-width:2}"
)


def drawn(figures: dict[str, Any]) -> str:
    """An SVG: above, shares over the facts told so far; below, held-out text's change in percent.

    Dashed: the facts that the finder read, which is as far as recall can get.
    """
    rows = figures["rounds"]
    told = [row["told"] for row in rows]
    high = TOP + SHARES_HIGH + GAP + BITS_HIGH + 30
    before = figures["bits_per_byte_before"]
    change = [100 * (row["bits_per_byte"] / before - 1) for row in rows]
    least, most = min(-1.0, *change), max(3.0, *change)
    parts = []
    for quarter in range(5):
        y = TOP + SHARES_HIGH * (1 - quarter / 4)
        parts.append(_across(y, f"{quarter / 4:g}"))
    ceiling = TOP + SHARES_HIGH * (1 - figures["finder_recall"]["value"])
    parts.append(_across(ceiling, "", dashed=True))
    labels = TOP + 12
    for name, (label, colour) in CURVES.items():
        shares = [row[name]["value"] for row in rows]
        parts.append(_curve(told, [TOP + SHARES_HIGH * (1 - one) for one in shares], colour))
        parts.append(f'<text x="{WIDE - RIGHT + 12}" y="{labels}" fill="{colour}" ')
        parts.append(f'style="fill:{colour}">{label}</text>')
        labels += 18
    below = TOP + SHARES_HIGH + GAP
    for percent in (0.0, 3.0):
        y = below + BITS_HIGH * (most - percent) / (most - least)
        parts.append(_across(y, f"{percent:g} %"))
    heights = [below + BITS_HIGH * (most - one) / (most - least) for one in change]
    parts.append(_curve(told, heights, "#b91c1c"))
    parts.append(
        f'<text x="{WIDE - RIGHT + 12}" y="{below + 14}" style="fill:#b91c1c">held-out text, '
        f'</text><text x="{WIDE - RIGHT + 12}" y="{below + 30}" style="fill:#b91c1c">'
        f"bits per byte</text>"
    )
    parts += [
        f'<text class="s" x="{_x(told, one) - 8:.0f}" y="{high - 10}">{one}</text>' for one in told
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}">'
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="18">{figures["facts"]} facts over {len(rows)} rounds: the weights alone'
        f'</text><text class="s" x="8" y="34">after each round, by facts told; dashed: facts that '
        f"the finder reads</text>{''.join(parts)}</svg>\n"
    )


def _x(told: Sequence[int], one: int) -> float:
    """Where a number of told facts stands; the first round stands at the left."""
    first, last = told[0], max(told[-1], told[0] + 1)
    return LEFT + 16 + (WIDE - RIGHT - LEFT - 24) * (one - first) / (last - first)


def _across(y: float, label: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="4 4"' if dashed else ""
    return (
        f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"{dashes}/>'
        f'<text class="s" x="8" y="{y + 4:.1f}">{label}</text>'
    )


def _curve(told: Sequence[int], heights: Sequence[float], colour: str) -> str:
    points = [(_x(told, one), y) for one, y in zip(told, heights, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{line}" stroke="{colour}"/>{dots}'
