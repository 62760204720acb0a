"""Joining neighbours: how both kinds of model files cut a word into tokens.

A text begins as single symbols. Of all neighbours that may be joined, those of the lowest rank are
joined first, the leftmost of equals, until nothing is left to join (Sennrich, Haddow and Birch
2016, arXiv 1508.07909; with a queue as in Kudo and Richardson 2018, arXiv 1808.06226). A queue
makes it O(n log n), so that a text without a single space cannot stop anybody.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

Rank = Callable[[str, str], float | None]
"""When two neighbours are joined, the lower the earlier; None when they are not."""


def joined(symbols: Sequence[str], rank: Rank) -> list[str]:
    """What is left of `symbols` when everything that may be joined is joined.

    >>> ranks = {("l", "o"): 0.0, ("lo", "w"): 1.0}
    >>> joined("lower", lambda left, right: ranks.get((left, right)))
    ['low', 'e', 'r']
    """
    parts: list[str] = list(symbols)
    after = [*range(1, len(parts)), -1]
    before = list(range(-1, len(parts) - 1))
    waiting: list[tuple[float, int, int, str]] = []

    def offer(left: int, right: int) -> None:
        if left >= 0 and right >= 0:
            when = rank(parts[left], parts[right])
            if when is not None:
                heapq.heappush(waiting, (when, left, right, parts[left] + parts[right]))

    for left in range(len(parts) - 1):
        offer(left, left + 1)
    while waiting:
        _, left, right, whole = heapq.heappop(waiting)
        # An offer is stale when one of the two has been joined to something else meanwhile.
        if not parts[left] or after[left] != right or parts[left] + parts[right] != whole:
            continue
        parts[left], parts[right] = whole, ""
        after[left] = after[right]
        if after[right] >= 0:
            before[after[right]] = left
        offer(before[left], left)
        offer(left, after[left])
    return [part for part in parts if part]
