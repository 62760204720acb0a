"""The picture in the sequence memory's README: `python -m benchmarks.htm_picture`.

A Temporal Memory learns ABCD and XBCY. Then both are shown to it again, step by step: the same
columns stand for B and C in both, but other cells, so that it knows whether D or Y comes next.
"""

from __future__ import annotations

from benchmarks import record
from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import TemporalMemory

PATH = record.ROOT / "src" / "l2c" / "engines" / "htm" / "columns.svg"
SYMBOLS, WIDTH, CELLS, SIZE = "ABCDXY", 4, 6, 8
PARAMETERS = TemporalMemoryParameters(
    columns=len(SYMBOLS) * WIDTH,
    cells_per_column=CELLS,
    activation_threshold=3,
    min_threshold=2,
    max_new_synapse_count=4,
    predicted_segment_decrement=0.02,
)


def main() -> None:
    """Learn, look, and draw."""
    memory = TemporalMemory(PARAMETERS, seed=2)
    for _ in range(40):
        for sequence in ("ABCD", "XBCY"):
            _show(memory, sequence, learn=True)
    panels = [_show(memory, sequence, learn=False) for sequence in ("ABCD", "XBCY")]
    wide, high = PARAMETERS.columns * SIZE + 24, CELLS * SIZE + 30
    drawn = [
        f'<g transform="translate({12 + step * wide},{20 + row * high})">{cells}</g>'
        for row, steps in enumerate(panels)
        for step, cells in enumerate(steps)
    ]
    box = f"0 0 {4 * wide} {2 * high}"
    style = "text{font:12px sans-serif}rect{fill:#eee}.a{fill:#1d4ed8}.p{fill:#fbbf24}"
    PATH.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><style>{style}</style>'
        f'<rect width="100%" height="100%" style="fill:#fff"/>{"".join(drawn)}</svg>\n'
    )


def _show(memory: TemporalMemory, sequence: str, *, learn: bool) -> list[str]:
    memory.reset()
    drawn = []
    for symbol in sequence:
        first = SYMBOLS.index(symbol) * WIDTH
        memory.step(list(range(first, first + WIDTH)), learn=learn)
        drawn.append(_panel(memory, symbol))
    return drawn


def _panel(memory: TemporalMemory, symbol: str) -> str:
    active, expected = set(memory.active_cells), set(memory.predictive_cells)
    cells = []
    for cell in range(PARAMETERS.cells):
        column, row = divmod(cell, CELLS)
        kind = ' class="a"' if cell in active else ' class="p"' if cell in expected else ""
        at = f'x="{column * SIZE}" y="{row * SIZE}"'
        cells.append(f'<rect {at} width="{SIZE - 1}" height="{SIZE - 1}"{kind}/>')
    return f'<text y="-5">{symbol}</text>{"".join(cells)}'


if __name__ == "__main__":
    main()
