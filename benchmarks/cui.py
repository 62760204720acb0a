"""The sequence task of Cui, Ahmad & Hawkins 2016, made again from its description.

A stream of eight sequences of six or seven elements and an ending, four pairs that share their
middle, so that the ending follows from the first element alone. After each sequence comes one of
5,000 noise symbols, a function of the moment like the sequence itself. Nothing marks a beginning,
learning never stops. After 10,000 elements the endings are swapped within each pair.

Only the prediction of the ending is scored, as the symbol whose columns are expected most, over
the last 100 sequences. *Learned* is the element at which that first is .95 or more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from l2c.engines.htm.kernel import KernelTemporalMemory
from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.synapses import Synapses

SEQUENCES = (
    (6, 8, 7, 4, 2, 3, 0),
    (1, 8, 7, 4, 2, 3, 5),
    (6, 3, 4, 2, 7, 8, 5),
    (1, 3, 4, 2, 7, 8, 0),
    (0, 9, 7, 8, 5, 3, 4, 1),
    (2, 9, 7, 8, 5, 3, 4, 6),
    (0, 4, 3, 5, 8, 7, 9, 6),
    (2, 4, 3, 5, 8, 7, 9, 1),
)
SYMBOLS, NOISE = 10, 5_000
ELEMENTS, SWAPPED_FROM = 20_000, 10_000
COLUMNS, ON = 2048, 41
AVERAGED, LEARNED = 100, 0.95
PUNISHED_LESS = 0.01
"""The punishment of a wrong expectation where most of them must be wrong: with several endings,
and among dead cells. At .02 four endings of a stem are unlearned almost as fast as learned."""

PARAMETERS = TemporalMemoryParameters(
    columns=COLUMNS,
    cells_per_column=32,
    activation_threshold=15,
    min_threshold=15,
    max_new_synapse_count=32,
    initial_permanence=0.21,
    connected_permanence=0.5,
    permanence_increment=0.1,
    permanence_decrement=0.1,
    predicted_segment_decrement=0.02,
    max_segments_per_cell=128,
    max_synapses_per_segment=128,
)


@dataclass(frozen=True)
class Outcome:
    """Whether each ending was predicted, and the element at which it came."""

    at: np.ndarray
    right: np.ndarray

    def accuracy(self, element: int) -> float:
        """Over the last 100 sequences that ended before this element."""
        return float(self.right[self.at < element][-AVERAGED:].mean())

    def learned(self, begin: int = 0) -> int:
        """Elements from `begin` until 95 of 100 endings are right; all of them when never."""
        inside = np.flatnonzero(self.at >= begin)
        right = self.right[inside]
        for i in range(AVERAGED, len(right) + 1):
            if right[i - AVERAGED : i].mean() >= LEARNED:
                return int(self.at[inside[i - 1]]) - begin
        return ELEMENTS


def sequences(
    seed: int, endings: int = 1, elements: int = ELEMENTS, *, swap: bool = True
) -> Iterator[tuple[int, ...]]:
    """The stream, a sequence and its noise symbol at a time, with so many endings of each stem."""
    names = random.Random(seed).sample(range(SYMBOLS), SYMBOLS)
    element = 0
    while element < elements:
        chance = random.Random(seed + element)
        which = int(chance.random() * len(SEQUENCES))
        chosen = SEQUENCES[which]
        if endings > 1:
            first = endings * (which % 2) + int(chance.random() * endings)
            chosen = (*chosen[:-1], (chosen[-1] + first) % SYMBOLS)
        elif swap and element > SWAPPED_FROM:
            chosen = (*chosen[:-1], SEQUENCES[which ^ 1][-1])
        noise = SYMBOLS + int(random.Random(seed + element).random() * NOISE)
        yield (*(names[symbol] for symbol in chosen), noise)
        element += len(chosen) + 1


def run(seed: int, *, endings: int = 1, elements: int = ELEMENTS, killed: float = 0.0) -> Outcome:
    """The task with this seed; with `killed`, that part of the cells dies at 10,000 elements.

    Then learning stops, and the endings are not swapped.
    """
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.choice(COLUMNS, ON, replace=False)) for _ in range(SYMBOLS + NOISE)]
    columns = np.array(chosen, np.uint16)
    punished = PUNISHED_LESS if killed or endings > 1 else PARAMETERS.predicted_segment_decrement
    memory = KernelTemporalMemory(
        replace(PARAMETERS, predicted_segment_decrement=punished), seed=seed
    )
    at, right, element = [], [], 0
    alive, end = True, SWAPPED_FROM + SWAPPED_FROM // 4 if killed else elements
    for sequence in sequences(seed, endings, end, swap=not killed):
        if killed and alive and element > SWAPPED_FROM:
            kill(memory, killed, rng)
            alive = False
        right.append(_show(memory, columns, sequence, endings, rng, learn=alive))
        element += len(sequence)
        at.append(element)
    return Outcome(np.array(at), np.array(right))


def kill(memory: KernelTemporalMemory, part: float, rng: np.random.Generator) -> None:
    """This part of the cells is dead: their segments are gone, and nothing listens to them."""
    cells = memory.parameters.cells
    dead = np.zeros(cells, bool)
    dead[rng.choice(cells, round(part * cells), replace=False)] = True
    s, active, winners = memory.memory.synapses(), memory.active_cells, memory.winner_cells
    owner = np.repeat(np.arange(len(s.cell)), s.synapses)
    cell_of = np.minimum(s.cell, cells - 1)  # a free slot has no synapses
    kept = ~dead[s.presynaptic] & ~dead[cell_of[owner]]
    left = np.bincount(owner[kept], minlength=len(s.cell)).astype(np.uint32)
    alive = left > 0
    memory.memory.restore(
        Synapses(
            s.cell[alive],
            left[alive],
            s.born[alive],
            s.last_used[alive],
            s.presynaptic[kept],
            s.permanence[kept],
            np.zeros(0, np.uint32),
            s.iteration,
            0,
        )
    )
    memory.restart([c for c in active if not dead[c]], [c for c in winners if not dead[c]])


def _show(
    memory: KernelTemporalMemory,
    columns: np.ndarray,
    sequence: tuple[int, ...],
    endings: int,
    rng: np.random.Generator,
    *,
    learn: bool,
) -> bool:
    """Whether the ending was among the `endings` likeliest symbols; the sequence is shown."""
    ending = len(sequence) - 2
    _run(memory, columns[list(sequence[:ending])], learn=learn)
    expected = np.zeros(COLUMNS, bool)
    expected[memory.predicted_columns] = True
    overlaps = expected[columns[:SYMBOLS]].sum(axis=1) + 0.5 * rng.random(SYMBOLS)
    likeliest = np.argsort(-overlaps)[:endings]
    _run(memory, columns[list(sequence[ending:])], learn=learn)
    return sequence[ending] in likeliest


def _run(memory: KernelTemporalMemory, rows: np.ndarray, *, learn: bool) -> None:
    offsets = (np.arange(len(rows) + 1) * ON).astype(np.uint64)
    memory.run(rows.ravel(), offsets, learn=learn)
