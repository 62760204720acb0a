"""A byte-level vocabulary cuts texts as its pattern says, and can write everything."""

import json

import pytest

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.text.byte_level import ALPHABET, PATTERNS, ByteLevelTokenizer, read_merges, words
from l2c.text.template import encode_prompt
from l2c.text.tokenizer import Control
from l2c.text.vocabulary import Sort, Vocabulary, controls_of, layout_of
from tests.text.nasty import strings


def made(pattern: str = "gpt-2", *, end: str = "<|endoftext|>") -> ByteLevelTokenizer:
    """A small vocabulary: 256 bytes, `he`, `ll`, `hell`, `hello`, `Ġhello`, and marks."""
    merges = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ġ", "hello")]
    marks = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
    pieces = (*marks, *ALPHABET, *map("".join, merges), "<tab>")
    sorts = (*[Sort.CONTROL] * 3, *[Sort.NORMAL] * (256 + len(merges)), Sort.USER_DEFINED)
    layout = layout_of(pieces, sorts, pieces.index(end))
    ids = {"begin": 0, "end": pieces.index(end), "unknown": None}
    controls = controls_of(pieces, sorts, layout, **ids)
    return ByteLevelTokenizer(Vocabulary(pieces, sorts, controls, layout), merges, pattern=pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_text_survives(pattern: str) -> None:
    tokenizer = made(pattern)
    for text in strings(2_000):
        assert "".join(words(text, pattern)) == text
        tokens = tokenizer.encode(text)
        assert min(tokens, default=8) >= len(Control)
        assert tokenizer.decode(tokens) == text


@pytest.mark.parametrize(
    ("pattern", "text", "cut"),
    [
        ("gpt-2", "It's  a\n\n b12 ...", ["It", "'s", " ", " a", "\n\n", " b", "12", " ..."]),
        ("gpt-2", "l'été ٣x", ["l", "'", "été", " ٣", "x"]),
        ("gpt-2", "a\x1cb\u00a0c", ["a", "\x1c", "b", "\u00a0", "c"]),
        ("smollm", "in 2026 x", ["in", " ", "2", "0", "2", "6", " x"]),
        (
            "llama-bpe",
            "HE'LL pay 12345!!\n x",
            ["HE", "'LL", " pay", " ", "123", "45", "!!\n", " x"],
        ),
        ("llama-bpe", "a\r\n \n\t.b", ["a", "\r\n \n", "\t", ".b"]),
    ],
)
def test_words_are_cut_as_the_pattern_says(pattern: str, text: str, cut: list[str]) -> None:
    assert list(words(text, pattern)) == cut


def test_the_first_merges_come_first_and_whole_tokens_are_kept_together() -> None:
    tokenizer = made()
    pieces = tokenizer.vocabulary.pieces
    ids = tokenizer.encode_for_file("hello hello<tab>hell")
    assert [pieces[i] for i in ids] == ["hello", "Ġhello", "<tab>", "hell"]


def test_a_base_model_is_asked_in_plain_text_and_ends_with_a_line() -> None:
    tokenizer = made()
    prompt = encode_prompt([Message(Role.USER, "hello")], tokenizer)
    assert prompt[0] == Control.START
    assert tokenizer.decode(prompt) == "User:\nhello\n\nAssistant:\n"
    ends = [tokenizer.token_bytes(token) for token in tokenizer.ends if token >= len(Control)]
    assert ends == [b"\n"]


def test_a_model_that_knows_turns_is_asked_with_its_own_marks() -> None:
    tokenizer = made(end="<|im_end|>")
    prompt = encode_prompt([Message(Role.USER, "hello")], tokenizer)
    pieces = tokenizer.vocabulary.pieces
    written = "".join(pieces[i] for i in tokenizer.to_file(prompt))
    assert written == ("<|endoftext|><|im_start|>userĊhello<|im_end|>Ċ<|im_start|>assistantĊ")
    assert tokenizer.ends == (Control.END,)
    assert Control.END not in tokenizer.encode("<|im_end|>")


def test_a_description_makes_the_same_tokenizer() -> None:
    described = json.loads(json.dumps(made().describe()))
    assert ByteLevelTokenizer.from_description(described).describe() == described


@pytest.mark.parametrize("line", ["a", "a b c", " a", "", 5, None])
def test_a_merge_of_anything_but_two_tokens_is_refused(line: object) -> None:
    with pytest.raises(InvalidInput, match="merge"):
        read_merges([line])


def test_an_unknown_pattern_is_refused_by_name() -> None:
    tokenizer = made()
    with pytest.raises(InvalidInput, match="qwen2"):
        ByteLevelTokenizer(tokenizer.vocabulary, (), pattern="qwen2")


def test_a_vocabulary_without_a_byte_is_refused() -> None:
    known = made().vocabulary
    pieces = tuple("missing" if piece == "Ġ" else piece for piece in known.pieces)
    with pytest.raises(InvalidInput, match="every byte"):
        ByteLevelTokenizer(
            Vocabulary(pieces, known.sorts, known.controls, "plain"), (), pattern="gpt-2"
        )
