import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.store import search
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.search import Order
from l2c.store.snippets import SNIPPET_CHARACTERS, Snippet
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
    hits = conversations.search("cat", order=Order.NEWEST)
    assert [hit.turn_id for hit in hits] == [second.user.id, first.answer.id, first.user.id]
    assert [hit.role for hit in hits] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert [hit.title for hit in hits] == ["The cat again", "A cat", "A cat"]
    newest = conversations.search("cat", 1, order=Order.NEWEST)
    assert [hit.turn_id for hit in newest] == [second.user.id]


def test_the_best_come_first_and_of_equals_the_newest(
    conversations: Conversations, talk: Talk
) -> None:
    said = [
        talk.say("garlic and many other words that have nothing to do with it at all", ""),
        talk.say("garlic garlic garlic, how to plant it", ""),
        talk.say("garlic, how to plant it, my old friend", ""),
        talk.say("garlic, how to plant it, my old friend", ""),
    ]
    assert found(conversations, "garlic") == [said[i].user.id for i in (1, 3, 2, 0)]


def test_a_rare_word_counts_more_than_a_frequent_one(
    conversations: Conversations, talk: Talk
) -> None:
    for number in range(20):
        talk.say(f"garden number {number}", "")
    often_frequent = talk.say("garden garden garden quince", "")
    often_rare = talk.say("garden quince quince quince", "")
    both = [often_rare.user.id, often_frequent.user.id]
    assert found(conversations, "garden quince") == both
    assert found(conversations, "quince garden") == both


def test_what_others_wrote_changes_no_rank(
    conversations: Conversations, talk: Talk, database: Database
) -> None:
    for number in range(20):
        talk.say(f"garden {number}", "")
    talk.say("garden garden garden quince", "")
    talk.say("garden quince quince", "")
    before = found(conversations, "garden quince")
    others = Talk(Conversations(database, Accounts(database).named("eve")))
    for number in range(100):
        others.say(f"quince {number}", "quince quince")
    assert found(conversations, "garden quince") == before


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        ("The broad beans grow", '"broad beans"', ["broad", "beans"]),
        ("The broad beans grow", '"the broad" gro', ["The", "broad", "grow"]),
        ("The broad beans grow", 'grow "broad beans', ["broad", "beans", "grow"]),
        ("The broad beans grow", "bea* the", ["The", "beans"]),
        ("Das schöne Mädchen", '"schone madchen"', ["schöne", "Mädchen"]),
        ("黒い猫が好き and cats", '"好き and"', ["黒い猫が好き", "and"]),
        ("黒い猫が好き", '"猫が好"', ["猫が好"]),
    ],
)
def test_phrases_and_beginnings_are_found_and_marked(
    conversations: Conversations, talk: Talk, text: str, query: str, marks: list[str]
) -> None:
    talk.say(text, "")
    (hit,) = conversations.search(query)
    assert marked(hit.snippet) == marks


@pytest.mark.parametrize(
    "query", ['"beans broad"', '"broad grow"', '"broad bean"', "ean*", "bea the"]
)
def test_other_phrases_are_not_found(conversations: Conversations, talk: Talk, query: str) -> None:
    talk.say("The broad beans grow", "")
    assert conversations.search(query) == []


def test_a_beginning_is_taken_when_there_are_few_whole_words(
    conversations: Conversations, talk: Talk
) -> None:
    longer = talk.say("bergen", "")
    whole = talk.say("berg", "")
    assert set(found(conversations, "berg")) == {longer.user.id, whole.user.id}
    assert [hit.turn_id for hit in conversations.search("berg", 1)] == [whole.user.id]


def test_only_the_newest_matches_are_ranked(
    conversations: Conversations, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 2)
    best = talk.say("quince quince quince", "")
    for _ in range(2):
        talk.say("a quince among other words", "")
    assert best.user.id not in [hit.turn_id for hit in conversations.search("quince", 2)]


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
