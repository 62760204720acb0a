"""The practice out of a file is the one made here, and made anew where the file is broken."""

import hashlib
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from l2c.errors import L2CError
from l2c.learning import practice_file
from l2c.learning.practice import made_here, practice, practice_in
from l2c.learning.practice_file import (
    NAME,
    from_bytes,
    kept_practice,
    made_elsewhere,
    sources_digest,
    to_bytes,
)
from l2c.text.known import Exchange
from l2c.text.practice import Practice
from l2c.text.repertoire import Repertoire, Sayings
from l2c.text.tales import Tales

SMALL = Repertoire.of(
    [Exchange("Good day", "Good day to you."), Exchange("Tell me a joke", "Ha.")],
    itself={"who are you?": "le"},
    passing=[Exchange("I am tired", "Then rest.", "How are you?")],
    sayings=Sayings(more=["What else?"], tales=Tales(["{Hero} slept."], [], {"sad": ["Rain."]})),
)
MESSAGES = (
    "hello!!",
    "whats the opposite of hot",
    "a story about a fox",
    "who r u",
    "zzz",
    "\ud800",
)


class Maker:
    """Makes a small practice, and counts."""

    times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return to_bytes(SMALL, sources_digest())


@pytest.fixture
def maker() -> Maker:
    return Maker()


def says(found: Practice) -> list[object]:
    return [
        (found.nearest(text), found.meant(text), found.guess(text, "Hello."), found.question(text))
        for text in MESSAGES
    ]


def test_what_another_process_made_says_what_is_made_here(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from l2c.learning.practice_file import kept_practice, made_elsewhere
kept_practice(Path({str(tmp_path)!r}), make=made_elsewhere)
print([name for name in sys.modules if name.startswith(("l2c.corpus", "l2c.engines"))])
"""
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (loaded.stdout.strip(), loaded.stderr) == ("[]", "")
    assert (tmp_path / NAME).read_bytes() == made_here()
    kept = practice_in(tmp_path)
    assert says(kept) == says(practice())
    assert kept.answers() == practice().answers()


def test_it_is_made_once_and_read_from_then_on(tmp_path: Path, maker: Maker) -> None:
    first, later = (kept_practice(tmp_path / "cache", make=maker) for _ in range(2))
    assert maker.times == 1
    assert says(first) == says(later) == says(Practice(SMALL))


def first_byte_turned(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


@pytest.mark.parametrize(
    "breaks",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:40],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        first_byte_turned,
        lambda content: content + b"\0",
        lambda content: content[:32] + hashlib.sha256(b"junk").digest() + b"junk",
    ],
    ids=["empty", "cut", "cut short", "a bit", "other sources", "longer", "no arrays"],
)
def test_a_broken_file_is_made_anew(
    tmp_path: Path, maker: Maker, breaks: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / NAME
    kept_practice(tmp_path, make=maker)
    path.write_bytes(breaks(path.read_bytes()))
    assert says(kept_practice(tmp_path, make=maker)) == says(Practice(SMALL))
    assert maker.times == 2
    assert path.read_bytes() == maker()


def test_arrays_that_are_not_those_of_a_practice_are_none() -> None:
    content = to_bytes(SMALL, bytes(32))
    assert from_bytes(content, bytes(32)) is not None
    rest = content[64:].replace(b"likeness/at", b"likeness/xx")
    assert from_bytes(bytes(32) + hashlib.sha256(rest).digest() + rest, bytes(32)) is None


def test_where_it_cannot_be_kept_this_is_said_and_it_answers(
    tmp_path: Path, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        found = kept_practice(tmp_path / "cache", make=maker)
    assert says(found) == says(Practice(SMALL))
    assert "made anew at every start" in caplog.text


def test_what_it_is_made_of_decides_whether_it_is_made_anew(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "small_talk.toml").write_text("hello")
    monkeypatch.setattr(practice_file, "HOUSE", tmp_path)
    monkeypatch.setattr(practice_file, "SOURCES", (corpus,))
    kept_practice(tmp_path, make=maker)
    (corpus / "small_talk.toml").write_text("hi")
    kept_practice(tmp_path, make=maker)
    kept_practice(tmp_path, make=maker)
    assert maker.times == 2


def test_a_process_that_fails_is_an_error_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice_file, "MAKE", ("-c", "raise SystemExit('out of memory')"))
    with pytest.raises(L2CError, match="out of memory"):
        kept_practice(tmp_path, make=made_elsewhere)
    assert not (tmp_path / NAME).exists()
