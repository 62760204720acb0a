"""Texts in one piece are the texts, and a pooled mapping is the dictionary it stands for."""

from collections.abc import Set

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l2c.text.pooled import Pool, Pooled, PooledSet, nested, within

TEXTS = st.text(st.characters(), max_size=6)
"""Whatever a string may hold, halves of characters as well."""
ROWS = st.lists(
    st.tuples(st.one_of(st.sampled_from(["", "a", "ab", "\ud800"]), TEXTS), TEXTS, TEXTS)
)


@given(texts=st.lists(TEXTS))
def test_a_pool_gives_back_its_texts(texts: list[str]) -> None:
    pool = Pool(Pool.of(texts).arrays())
    assert [pool[number] for number in range(len(pool))] == texts


@given(texts=st.sets(TEXTS), other=TEXTS)
def test_a_sorted_pool_finds_what_it_has_and_nothing_else(texts: set[str], other: str) -> None:
    pool = Pool.of(sorted(texts))
    for text in texts | {other}:
        number = pool.find(text)
        assert number == (sorted(texts).index(text) if text in texts else None)


@given(texts=st.sets(TEXTS), other=TEXTS)
def test_a_pooled_set_is_the_set(texts: set[str], other: str) -> None:
    pooled: Set[str] = PooledSet(texts)
    assert list(pooled) == sorted(texts)
    assert (other in pooled, None in pooled) == (other in texts, False)
    assert pooled == texts


@given(rows=ROWS, other=TEXTS)
def test_a_pooled_mapping_is_the_dictionary_of_its_rows(
    rows: list[tuple[str, str, str]], other: str
) -> None:
    expected: dict[str, list[tuple[str, ...]]] = {}
    for key, *row in rows:
        expected.setdefault(key, []).append(tuple(row))
    for pooled in (made := Pooled.of(rows, list), Pooled(made.arrays(), list)):
        assert list(pooled.items()) == list(expected.items())
        assert (len(pooled), pooled.get(other)) == (len(expected), expected.get(other))


def test_arrays_are_found_again_under_the_name_they_were_put_under() -> None:
    pools = {"one": Pool.of(["a"]), "one more": Pool.of(["b", "c"])}
    arrays = nested(pools)
    assert len(arrays) == 4
    assert all(array.dtype in (np.uint8, np.uint32) for array in arrays.values())
    assert len(Pool(within("one", arrays))) == 1
    assert Pool(within("one more", arrays))[1] == "c"
