import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.store.conversations import Conversations
from l2c.store.search import SNIPPET_CHARACTERS, Snippet
from tests.store.talk import Talk


def found(conversations: Conversations, query: str) -> list[str]:
    return [hit.turn_id for hit in conversations.search(query)]


def marked(snippet: Snippet) -> list[str]:
    return [piece for piece, hit in snippet if hit]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Mirela lives in Bergen", "bergen"),
        ("Mirela lives in Bergen", "BERGEN mirela"),
        ("Mirela lives in Bergen", "berg"),
        ("Mirela lives in Bergen", "lives be"),
        ("Das schöne Mädchen", "madchen"),
        ("Das schone Madchen", "schöne"),
        ("Straße", "strasse"),
        ("ＦＵＬＬ width", "full"),
        ("naïve café", "cafe naive"),
        ("C'est l'été", "ete"),
        ("snake_case and 42", "case 42"),
        ("नमस्ते दुनिया", "दुनिया"),
        ("Привет, мир", "мир"),
        ("黒い猫が好き", "猫が"),
        ("黒い猫が好き", "猫"),
        ("黒い猫が好き", "好き"),
        ("黒い猫が好き", "き"),
        ("黒い猫が好き", "黒い猫"),
        ("Python入門の本", "python入門"),
        ("한국어를 배워요", "한국"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("北京和上海", "上海 北京"),
    ],
)
def test_words_are_found(conversations: Conversations, talk: Talk, text: str, query: str) -> None:
    said = talk.say(text, "")
    (hit,) = conversations.search(query)
    assert hit.turn_id == said.user.id
    assert marked(hit.snippet)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Mirela lives in Bergen", "oslo"),
        ("Mirela lives in Bergen", "bergen oslo"),
        ("Mirela lives in Bergen", "live bergen"),  # only the last word may be unfinished
        ("Mirela lives in Bergen", "ergen"),
        ("黒い猫が好き", "猫好"),
        ("黒い猫が好き", "犬"),
        ("好き。猫が", "き猫"),
        ("Mirela", ""),
        ("Mirela", "?!"),
    ],
)
def test_other_words_are_not_found(
    conversations: Conversations, talk: Talk, text: str, query: str
) -> None:
    talk.say(text, "")
    assert conversations.search(query) == []


OPERATORS = ["NOT", "NEAR(a b)", "a AND", "OR b", 'a"b', "a*b", "words:", "{a b} : c", "--"]


@pytest.mark.parametrize("query", [*OPERATORS, *"\"'()*^-+:{}%_;\\\0"])
def test_operators_are_only_separators(
    conversations: Conversations, talk: Talk, query: str
) -> None:
    talk.say(f"what {query} means", "")
    conversations.search(query)
    assert conversations.search(f"what {query} means")


@given(text=st.text(), query=st.text())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_is_a_syntax_error(
    conversations: Conversations, talk: Talk, text: str, query: str
) -> None:
    talk.say(f"a{text}", query)
    conversations.search(query[:60])
    conversations.search(text[:60])


@given(text=st.text(min_size=1, max_size=40))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_text_is_found_by_itself(conversations: Conversations, talk: Talk, text: str) -> None:
    said = talk.say(text, "")
    if any(character.isalnum() for character in text):
        assert said.user.id in found(conversations, text)


def test_both_sides_are_found_the_newest_first(conversations: Conversations, talk: Talk) -> None:
    first = talk.say("A cat", "A cat too")
    second = talk.say("The cat again", "Which one?")
    hits = conversations.search("cat")
    assert [hit.turn_id for hit in hits] == [second.user.id, first.answer.id, first.user.id]
    assert [hit.role for hit in hits] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert [hit.title for hit in hits] == ["The cat again", "A cat", "A cat"]
    assert [hit.turn_id for hit in conversations.search("cat", 1)] == [second.user.id]


def test_a_snippet_is_the_text_around_the_first_hit_with_every_hit_marked(
    conversations: Conversations, talk: Talk
) -> None:
    talk.say("word " * 100 + "Where is Pim? Pim is with the cat. " + "word " * 100, "")
    (hit,) = conversations.search("pim")
    whole = "".join(piece for piece, _ in hit.snippet)
    assert marked(hit.snippet) == ["Pim", "Pim"]
    assert whole.startswith("…word ")
    assert whole.endswith(" word…")
    assert "Where is Pim? Pim is with the cat." in whole
    assert len(whole) <= SNIPPET_CHARACTERS + 2


def test_a_short_text_is_its_own_snippet(conversations: Conversations, talk: Talk) -> None:
    talk.say("Das schöne Mädchen", "")
    (hit,) = conversations.search("madch")
    assert hit.snippet == (("Das schöne ", False), ("Mädchen", True))


def test_pairs_of_characters_are_marked_inside_a_run(
    conversations: Conversations, talk: Talk
) -> None:
    talk.say("黒い猫が好き", "")
    (hit,) = conversations.search("猫が")
    assert hit.snippet == (("黒い", False), ("猫が", True), ("好き", False))


def test_a_search_of_very_many_words_is_refused(conversations: Conversations) -> None:
    with pytest.raises(InvalidInput, match="64 words"):
        conversations.search("a " * 65)


def test_a_very_long_run_is_searched(conversations: Conversations, talk: Talk) -> None:
    said = talk.say("漢" * 20_000 + "字", "")
    assert found(conversations, "漢字") == [said.user.id]
    assert found(conversations, "漢" * 2_000 + "字") == [said.user.id]
