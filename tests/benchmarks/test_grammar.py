"""The grammar benchmark: enough pairs, always the same, and BLiMP's own files are read."""

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.grammar import counted, log_probability, measure, prefers, read_blimp
from benchmarks.minimal_pairs import minimal_pairs
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput
from l2c.text.characters import CharacterTokenizer

LETTERS = CharacterTokenizer("".join(map(chr, range(32, 127))))


@pytest.fixture(scope="module")
def counts() -> LanguageModel:
    """A counting model of a little text: enough to prefer what it has read."""
    untrained = LanguageModel.create("lstm", {"hidden_size": 4}, LETTERS, seed=1)
    return counted(untrained, 300)


def test_there_are_twenty_phenomena_with_fifty_pairs_each() -> None:
    pairs = minimal_pairs()
    assert len(pairs) >= 20
    for of_phenomenon in pairs.values():
        assert len(set(of_phenomenon)) == 50
        assert all(good != bad for good, bad in of_phenomenon)


def test_the_pairs_are_always_the_same_and_whole_sentences() -> None:
    assert minimal_pairs() == minimal_pairs()
    for of_phenomenon in minimal_pairs().values():
        for sentence in (text for pair in of_phenomenon for text in pair):
            assert sentence[0].isupper()
            assert sentence[-1] in ".?"
            assert not set("[]{}|") & set(sentence)


def test_words_take_turns() -> None:
    used = Counter(good.split()[1] for good, _ in minimal_pairs()["one subject, to be"])
    assert len(used) >= 8


def test_a_model_prefers_what_it_has_read(counts: LanguageModel) -> None:
    assert prefers(counts, "You have not told me.", "You have told not me.")
    assert not prefers(counts, "You have told not me.", "You have not told me.")
    assert not prefers(counts, "You have not told me.", "You have not told me.")
    assert log_probability(counts, "You have not told me.") < 0


def test_shares_are_counted_by_set_and_on_average(counts: LanguageModel) -> None:
    good, bad = "You have not told me.", "Me told not have you."
    sets = {"right": [(good, bad)], "half": [(good, bad), (bad, good)]}
    assert measure({"m": counts}, sets) == {
        "right": {"m": 1},
        "half": {"m": 0.5},
        "all": {"m": 0.75},
    }


def test_blimp_is_read_when_its_folder_is_given(tmp_path: Path) -> None:
    pair = {"sentence_good": "Who left?", "sentence_bad": "Who leaved?", "UID": "verbs"}
    (tmp_path / "verbs.jsonl").write_text(json.dumps(pair) + "\n\n" + json.dumps(pair) + "\n")
    assert read_blimp(tmp_path) == {"verbs": [("Who left?", "Who leaved?")] * 2}


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"sentence_good": "a"}', '{"sentence_good": 1, "sentence_bad": 2}']
)
def test_a_file_that_is_not_blimp_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "odd.jsonl").write_text(line)
    with pytest.raises(InvalidInput, match=r"odd\.jsonl"):
        read_blimp(tmp_path)


def test_an_empty_folder_is_no_blimp(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="found none"):
        read_blimp(tmp_path)
