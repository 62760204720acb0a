"""The dialogue format, and the promises of the handwritten conversations."""

from collections import Counter
from pathlib import Path

import pytest

from l2c.conversation import Message, Role
from l2c.corpus import handwritten, read_dialogues, words
from l2c.errors import InvalidInput

BYTES_AT_LEAST = 400_000
WORDS_AT_MOST = 5_000
WORD_LIST = Path("/usr/share/dict/words")
BRITISH = {
    "colour",
    "colours",
    "favourite",
    "grey",
    "harbour",
    "neighbour",
    "neighbours",
    "practise",
}
NAMES = {"le", "lstm", "balu", "fips", "minka", "moritz", "pim", "rodenby"}
FOREIGN = {"bonjour", "hallo", "hola"}


def lines(*roles: Role) -> list[str]:
    return [m.text for conversation in handwritten() for m in conversation if m.role in roles]


def test_a_dialogue_file_is_read_as_it_looks() -> None:
    text = "# greeting\nyou: Hi\n# in between\n  le:  Hello: how are you? \n\n\nyou: a\nle: b"
    assert read_dialogues(text) == [
        [Message(Role.USER, "Hi"), Message(Role.ASSISTANT, "Hello: how are you?")],
        [Message(Role.USER, "a"), Message(Role.ASSISTANT, "b")],
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_file_without_a_conversation_gives_none(text: str) -> None:
    assert read_dialogues(text) == []


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("you: Hi\nhello\nle: Hi", 2, "expected `you: ...`"),
        ("me: Hi", 1, "expected `you: ...`"),
        ("le: Hi", 1, "the turn of `you`"),
        ("you: Hi\nyou: Hi", 2, "the turn of `le`"),
        ("you: Hi\nle: Hi\nle: Hi", 3, "the turn of `you`"),
        ("you:\nle: Hi", 1, "printable words"),
        ("you: Hi\nle: a\tb", 2, "printable words"),
        ("you: Hi\nle: Hi\nyou: Bye\n\nyou: Hi\nle: Hi", 3, "the last word"),
        ("you: Hi", 1, "the last word"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=rf"draft\.txt, line {line}: .*{complaint}"):
        read_dialogues(text, name="draft.txt")


def test_there_is_enough_of_it() -> None:
    assert sum(len(line) for line in lines(Role.USER, Role.ASSISTANT)) >= BYTES_AT_LEAST


def test_its_vocabulary_is_small() -> None:
    known = {word for line in lines(Role.USER, Role.ASSISTANT) for word in words(line)}
    assert len(known) <= WORDS_AT_MOST


def test_no_eight_words_in_a_row_stand_more_than_three_times() -> None:
    seen: Counter[tuple[str, ...]] = Counter()
    for conversation in handwritten():
        said = [word for message in conversation for word in words(message.text)]
        seen.update(tuple(said[i : i + 8]) for i in range(len(said) - 7))
    assert {" ".join(row): n for row, n in seen.items() if n > 3} == {}


def test_no_conversation_stands_twice() -> None:
    said = Counter(tuple((m.role, *words(m.text)) for m in c) for c in handwritten())
    assert [conversation for conversation, n in said.items() if n > 1] == []


def test_every_line_is_plain_printable_ascii() -> None:
    odd = [
        line
        for line in lines(Role.USER, Role.ASSISTANT)
        if not (line.isascii() and line.isprintable())
    ]
    assert odd == []


def test_no_line_holds_a_role_marker() -> None:
    markers = ("you:", "le:", "user:", "assistant:", "system:", "<|", "|>")
    assert [
        line
        for line in lines(Role.USER, Role.ASSISTANT)
        if any(marker in line.lower() for marker in markers)
    ] == []


def test_le_answers_in_finished_sentences() -> None:
    rough = [
        line
        for line in lines(Role.ASSISTANT)
        if line[-1] not in ".?!" or not (line[0].isupper() or line[0].isdigit()) or "  " in line
    ]
    assert rough == []


def test_le_is_brief() -> None:
    lengths = sorted(len(words(line)) for line in lines(Role.ASSISTANT))
    assert lengths[len(lengths) // 2] <= 14
    assert lengths[len(lengths) * 9 // 10] <= 20


def test_le_hardly_ever_shouts() -> None:
    answers = lines(Role.ASSISTANT)
    assert sum("!" in answer for answer in answers) * 100 <= len(answers)


@pytest.mark.skipif(not WORD_LIST.exists(), reason=f"no English word list at {WORD_LIST}")
def test_le_uses_ordinary_english_words() -> None:
    english = {word.lower() for word in WORD_LIST.read_text(encoding="utf-8").split()}
    unknown = {
        word
        for answer in lines(Role.ASSISTANT)
        for word in words(answer)
        if not word.isdigit() and word not in english
    }
    assert unknown - BRITISH - NAMES - FOREIGN == set()
