"""A text ends before a stop string, however the string is cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from l2c.engines.model import Written
from l2c.providers.provider import Outcome, Said, Writing
from l2c.providers.stopping import until


def writing(*pieces: str) -> Writing:
    for piece in pieces:
        yield Said(piece, (Written(piece.encode(), -1.0),))
    return Outcome("length", len(pieces))


def read(text: Writing) -> tuple[list[Said], Outcome]:
    said = []
    while True:
        try:
            said.append(next(text))
        except StopIteration as ended:
            return said, ended.value


@given(
    st.lists(st.text("abc", max_size=4), max_size=12),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_the_text_is_what_stands_before_the_first_stop_string(
    pieces: list[str], stops: list[str]
) -> None:
    said, outcome = read(until(writing(*pieces), stops))
    text = "".join(pieces)
    # A string that ends earlier stops the text earlier, also when another one begins before it.
    ends = [text[:end] for end in range(len(text) + 1) if any(s in text[:end] for s in stops)]
    shown = "".join(one.text for one in said)
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if ends:
        assert outcome.reason == "stop"
        assert any(text[len(shown) :].startswith(stop) for stop in stops)
    else:
        assert (shown, outcome.reason) == (text, "length")


def test_nothing_is_held_back_that_cannot_become_a_stop_string() -> None:
    said, _ = read(until(writing("ab", "c", "x"), ["cd"]))
    assert [one.text for one in said] == ["ab", "cx"]


def test_every_token_is_told_once() -> None:
    said, outcome = read(until(writing("a", "b", "STO", "P", "never"), ["STOP"]))
    assert [token.token for one in said for token in one.written] == [b"a", b"b", b"STO", b"P"]
    assert outcome == Outcome("stop", 4)


def test_stopping_early_closes_the_writing() -> None:
    closed = []

    def endless() -> Writing:
        try:
            while True:
                yield Said("a")
        finally:
            closed.append(True)

    text = until(endless(), ["aaa"])
    assert read(text)[1].reason == "stop"
    assert closed
