"""Many texts in little memory: end to end in one piece, and looked up without being unpacked.

A string of Python costs fifty bytes beside its letters, a list or a dictionary as much again for
each entry, and what is known by heart is tens of thousands of short lines of which a message needs
a handful. So `Pool` keeps texts as UTF-8 in one piece with the end of each (a string pool),
`PooledSet` a set as a sorted pool for a binary search, and `Pooled` a mapping as a sorted pool of
its keys and the numbers of texts. A text becomes a string, and a value an object, when somebody
asks for it. Pools and mappings can be taken apart into arrays and put together again.

>>> songs = Pooled.of([("frog", "Croak."), ("cat", "Purr."), ("frog", "Ribbit.")], list)
>>> songs["frog"], list(songs), songs.get("dog")
([('Croak.',), ('Ribbit.',)], ['frog', 'cat'], None)
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Int32

V = TypeVar("V")

Row = tuple[str, ...]

Arrays = Mapping[str, np.ndarray]
"""What something is made of, by name."""


class HasArrays(Protocol):
    """What can be taken apart."""

    def arrays(self) -> dict[str, np.ndarray]:
        """What it is made of, by name."""


class Pool:
    """Texts by their number, whatever characters they hold."""

    def __init__(self, arrays: Arrays) -> None:
        """What `arrays` gave. Raises `KeyError` where one is missing; use `of` for texts."""
        self._encoded = arrays["encoded"].tobytes()
        self._ends = arrays["ends"].data  # a view, for its numbers are read one by one

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The texts in this order; equal ones are kept as often as they come."""
        encoded, ends = bytearray(), array("I")
        for text in texts:
            encoded += _encoded(text)
            ends.append(len(encoded))
        all_of_them = np.frombuffer(bytes(encoded), np.uint8)
        return cls({"encoded": all_of_them, "ends": np.array(ends, np.uint32)})

    def arrays(self) -> dict[str, np.ndarray]:
        """What it is made of, by name."""
        encoded = np.frombuffer(self._encoded, np.uint8)
        return {"encoded": encoded, "ends": np.asarray(self._ends)}

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        return self._bytes(number).decode("utf-8", "surrogatepass")

    def find(self, text: str) -> int | None:
        """The number of a text in a pool whose texts are sorted and differ; None where it is not.

        The order of strings is that of their UTF-8 (https://www.unicode.org/versions/latest, 2.5).
        """
        wanted = _encoded(text)
        at = bisect_left(range(len(self)), wanted, key=self._bytes)
        return at if at < len(self) and self._bytes(at) == wanted else None

    def _bytes(self, number: int) -> bytes:
        begin = self._ends[number - 1] if number else 0
        return self._encoded[begin : self._ends[number]]


class PooledSet(Set[str]):
    """A set of texts, in the order of their letters."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._sorted = Pool.of(sorted(set(texts)))

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[str]:
        return (self._sorted[number] for number in range(len(self)))

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self._sorted.find(text) is not None


class Pooled(Mapping[str, V], Generic[V]):
    """A mapping from texts to what is made of their rows of texts, in the order they came.

    Letters in shapes: K keys, N rows, W texts in a row without its key.
    """

    def __init__(self, arrays: Arrays, made: Callable[[Sequence[Row]], V]) -> None:
        """What `arrays` gave. Raises `KeyError` where one is missing; use `of` for rows.

        `made` is called with the rows of a key, without it, whenever somebody asks for the key.
        """
        self._made = made
        self._keys = Pool(within("keys", arrays))
        self._texts = Pool(within("texts", arrays))
        self._order: Int32[np.ndarray, " K"] = arrays["order"]
        self._ends: Int32[np.ndarray, " K"] = arrays["ends"]
        self._rows: Int32[np.ndarray, "N W"] = arrays["rows"]

    @classmethod
    def of(cls, rows: Iterable[Row], made: Callable[[Sequence[Row]], V]) -> Self:
        """The rows by their first text; all are equally long."""
        keys: dict[str, int] = {}
        texts: dict[str, int] = {}
        of_row, cells, width = array("i"), array("i"), 1
        for key, *row in rows:
            of_row.append(keys.setdefault(key, len(keys)))
            cells.extend(texts.setdefault(text, len(texts)) for text in row)
            width = len(row)
        place = {key: at for at, key in enumerate(sorted(keys))}
        order = np.array([place[key] for key in keys], np.int32)
        key_of_row = order[np.array(of_row, np.int32)]
        arranged = np.array(cells, np.int32).reshape(-1, width)[key_of_row.argsort(kind="stable")]
        arrays = {"order": order, "ends": np.bincount(key_of_row).cumsum(), "rows": arranged}
        made_of = {name: array.astype(np.int32) for name, array in arrays.items()}
        pools = {"keys": Pool.of(place), "texts": Pool.of(texts)}
        return cls(made_of | nested(pools), made)

    def arrays(self) -> dict[str, np.ndarray]:
        """What it is made of, by name."""
        pools = nested({"keys": self._keys, "texts": self._texts})
        return {"order": self._order, "ends": self._ends, "rows": self._rows} | pools

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return (self._keys[at] for at in self._order.tolist())

    def __getitem__(self, key: str) -> V:
        at = self._keys.find(key)
        if at is None:
            raise KeyError(key)
        rows = self._rows[self._ends[at - 1] if at else 0 : self._ends[at]].tolist()
        return self._made([tuple(self._texts[number] for number in row) for row in rows])


def nested(parts: Mapping[str, HasArrays]) -> dict[str, np.ndarray]:
    """The arrays of several things, each under the name of what it belongs to."""
    return {
        f"{name}/{inner}": array
        for name, part in parts.items()
        for inner, array in part.arrays().items()
    }


def within(name: str, arrays: Arrays) -> dict[str, np.ndarray]:
    """What `nested` put under a name."""
    return {
        full.removeprefix(f"{name}/"): array
        for full, array in arrays.items()
        if full.startswith(f"{name}/")
    }


def _encoded(text: str) -> bytes:
    """UTF-8; what is no character (half of one, as JSON may bring it) is kept as well."""
    return text.encode("utf-8", "surrogatepass")
