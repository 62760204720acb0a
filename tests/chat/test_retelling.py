"""A remembered fact that is given another value is said anew, where it was told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.conversation import Origin, TurnStatus
from l2c.store.accounts import Accounts
from l2c.store.database import Database
from l2c.store.schema.accounts import Speaker
from tests.chat.teller import Teller, teller


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Teller]:
    with Database.open(tmp_path, ballast_bytes=1 << 16) as database:
        one = teller(database, Accounts(database).local(), tmp_path / "checkpoints")
        yield one
        one.replies.close()
        one.talks.close()


def test_a_mended_fact_is_said_anew_where_it_was_told(me: Teller) -> None:
    where = me.say("My cat is called Pim.").conversation_id
    me.say("My dog is called Rex.", where)
    cat = next(one for one in me.memory.all() if one.fact.subject == "cat")
    assert cat.row is not None
    mended = me.memory.change(cat.row.id, "Tom")
    said, answer = me.conversations.turns(where)[-2:]
    assert (said.text, answer.text) == (
        "My cat is called Tom.",
        "All right. Your cat is called Tom.",
    )
    assert (answer.origin, answer.status) == (Origin.REMEMBERED, TurnStatus.COMPLETE)
    assert mended.row is not None
    assert (mended.row.turn_id, mended.history, mended.row.edited) == (said.id, ("Pim",), False)
    assert me.facts() == [("cat", "name", "Tom"), ("dog", "name", "Rex")]
    back = me.memory.change(mended.row.id, "Pim")
    assert back.history == ("Tom", "Pim")


def test_a_fact_of_which_several_hold_is_taken_back_by_a_no(me: Teller) -> None:
    where = me.say("I lent my tent to Yannick.").conversation_id
    (one,) = me.memory.all()
    assert one.row is not None
    me.memory.change(one.row.id, "Pia")
    assert me.conversations.turns(where)[-2].text == "No, I lent my tent to Pia."
    assert me.facts() == [("", "lend tent", "Pia")]


@pytest.mark.parametrize("value", ["bread", "who knows?"])
def test_where_no_words_do_it_alone_only_the_list_changes(me: Teller, value: str) -> None:
    where = me.say("I like cheese.").conversation_id
    me.say("I like wine.", where)
    cheese = me.memory.all()[-1]
    assert cheese.row is not None
    mended = me.memory.change(cheese.row.id, value)
    assert mended.row is not None
    assert (mended.row.id, mended.fact.value, mended.row.edited) == (cheese.row.id, value, True)
    assert len(me.conversations.turns(where)) == 4
    assert {fact[2] for fact in me.facts()} == {value, "wine"}


def test_nothing_is_said_while_words_may_not_be_remembered(me: Teller) -> None:
    where = me.say("My cat is called Pim.").conversation_id
    (cat,) = me.memory.all()
    assert cat.row is not None
    me.speakers.change(Speaker.USER, memory=False)
    mended = me.memory.change(cat.row.id, "Tom").row
    assert mended is not None
    assert mended.edited
    assert len(me.conversations.turns(where)) == 2
