"""The nearest known line is found through slips, manners and other spellings."""

import pytest

from l2c.text.likeness import Likeness, asks

KNOWN = Likeness.of(
    ["Thank you very much", "I have to go", "What is a bird?", "Who are you?", "Where is the sea?"]
)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("thx very much!!", "Thank you very much"),
        ("ok gotta go lol", "I have to go"),
        ("whats a brid", "What is a bird?"),
        ("WHO R U", "Who are you?"),
        ("where\u2019s the sea", "Where is the sea?"),
        ("cheers", "Thank you very much"),
    ],
)
def test_other_spellings_are_near(said: str, line: str) -> None:
    assert KNOWN.nearest(said).line == line


def test_the_same_words_are_alike_in_full_and_others_not_at_all() -> None:
    assert KNOWN.nearest("who are you").similarity == pytest.approx(1, abs=1e-5)
    assert KNOWN.nearest("zzz") == KNOWN.nearest("") == KNOWN.nearest("\u732b")
    assert KNOWN.nearest("zzz").similarity == 0


def test_a_rare_word_decides() -> None:
    near = Likeness.of(["what is the sun", "what is the moon", "what is the rain"])
    assert near.nearest("tell me what is this moon thing").line == "what is the moon"


def test_a_question_without_its_marks_is_one() -> None:
    assert all(map(asks, ["whats the capital", "wheres my hat", "hows that", "what a day?"]))
    assert all(map(asks, ["in which year was she born", "lol who made it", "can you come"]))
    assert not any(map(asks, ["what a day", "he whose hat it was", "somewhere else"]))
    assert not asks("can't believe it's november")


def test_a_question_is_less_like_a_remark() -> None:
    lines = Likeness.of(["what are you doing", "you are doing great"])
    assert lines.nearest("you are doing well").line == "you are doing great"
    assert lines.nearest("what are you doing now?").line == "what are you doing"


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert Likeness.of([]).nearest("hello").similarity == 0


def test_a_rare_word_says_more_than_a_common_one() -> None:
    common = ["bread today", "bread often", "bread again", "bread early"]
    known = Likeness.of([*common, "cello today"])
    assert known.nearest("bread cello").line == "cello today"
