from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from l2c.errors import NotFound
from l2c.store import sqlite
from l2c.store.conversations import Conversations
from tests.store.talk import Clock, Talk, conversations_of, open_store


def test_a_new_conversation_is_empty_and_first_in_the_list(conversations: Conversations) -> None:
    older = conversations.create(model="le", title="Older")
    newer = conversations.create(model="ollama/llama3:8b", learn=False)
    assert (newer.title, newer.model, newer.learn, newer.draft) == (
        "",
        "ollama/llama3:8b",
        False,
        "",
    )
    assert (newer.turn_count, newer.active_turn_id, newer.deleted) == (0, None, False)
    assert conversations.list().conversations == [newer, older]


def test_the_conversation_spoken_in_last_is_first_whatever_the_clock_says(
    conversations: Conversations, clock: Clock
) -> None:
    one, two = conversations.create(model="le").id, conversations.create(model="le").id
    clock.forward(days=-400)
    conversations.begin_exchange(one, "Hello", model="le")
    assert [row.id for row in conversations.list().conversations] == [one, two]


def test_the_list_comes_in_pages_that_miss_nothing(conversations: Conversations) -> None:
    made = [conversations.create(model="le").id for _ in range(7)]
    seen: list[str] = []
    page = conversations.list(limit=3)
    while True:
        seen += [row.id for row in page.conversations]
        if page.next is None:
            break
        page = conversations.list(limit=3, before=page.next)
    assert seen == made[::-1]


def test_changing_one_thing_leaves_the_others(conversations: Conversations, clock: Clock) -> None:
    before = conversations.create(model="le", title="Pim")
    clock.forward(seconds=5)
    after = conversations.update(before.id, draft="I was about to")
    assert (after.title, after.draft, after.model) == ("Pim", "I was about to", "le")
    assert after.updated_at > before.updated_at
    assert conversations.update(before.id, title="Pim and Mirela").draft == "I was about to"


def test_a_deleted_conversation_is_gone_until_it_is_restored(
    conversations: Conversations, talk: Talk
) -> None:
    said = talk.say("Hello", "Good morning")
    conversations.delete(said.conversation)
    for gone in (
        lambda: conversations.get(said.conversation),
        lambda: conversations.turns(said.conversation),
        lambda: conversations.turn(said.user.id),
        lambda: conversations.delete(said.conversation),
        lambda: conversations.begin_exchange(said.conversation, "More", model="le"),
    ):
        with pytest.raises(NotFound):
            gone()
    assert conversations.list().conversations == []
    assert conversations.search("morning") == []
    assert conversations.history(10) == []

    restored = conversations.restore(said.conversation)
    assert not restored.deleted
    assert [turn.text for turn in conversations.turns(said.conversation)] == [
        "Hello",
        "Good morning",
    ]
    assert conversations.search("morning")


def test_only_what_was_deleted_long_enough_ago_is_purged(
    conversations: Conversations, talk: Talk, clock: Clock
) -> None:
    early, late, kept = (talk.say("Hello").conversation for _ in range(3))
    conversations.delete(early)
    clock.forward(seconds=20)
    conversations.delete(late)
    clock.forward(seconds=15)
    assert conversations.purge_deleted(older_than=timedelta(seconds=30)) == 1
    with pytest.raises(NotFound):
        conversations.restore(early)
    assert conversations.restore(late).id == late
    assert conversations.get(kept).id == kept


@pytest.mark.parametrize("index_erases_at_once", [1, 0])  # 0: libraries before 3.42
def test_not_a_byte_of_a_purged_conversation_remains(
    tmp_path: Path, clock: Clock, index_erases_at_once: int
) -> None:
    if sqlite.driver.sqlite_version_info < (3, 42):
        pytest.skip("this SQLite only knows the slower of the two ways")
    secret = "xylophonequince"
    option = "INSERT INTO turn_search (turn_search, rank) VALUES ('secure-delete', :on)"
    with open_store(tmp_path, clock) as database:
        database.write(
            lambda connection: connection.execute(text(option), {"on": index_erases_at_once})
        )
        conversations = conversations_of(database)
        talk = Talk(conversations)
        said = [talk.say(f"{secret} {i} " * 50, f"{secret} " * 50) for i in range(20)]
        other = talk.say("Keep this")
        conversations.update(said[0].conversation, title=secret, draft=secret)
        conversations.begin_exchange(
            said[0].conversation, secret, model="le", key=secret, request_digest=secret
        )
        conversations.interrupt_orphans()
        assert any(secret.encode() in path.read_bytes() for path in files(tmp_path))
        for one in said:
            conversations.delete(one.conversation)
        assert conversations.purge_deleted() == 20
        assert not any(secret.encode() in path.read_bytes() for path in files(tmp_path))
        assert conversations.get(other.conversation)


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_history_is_the_last_turns_over_all_conversations(
    conversations: Conversations, talk: Talk
) -> None:
    one = talk.say("One", "1")
    talk.say("Two", "2")
    talk.say("Three", "3", conversation=one.conversation)
    assert [turn.text for turn in conversations.history(3)] == ["2", "Three", "3"]
    assert len(conversations.history(100)) == 6
