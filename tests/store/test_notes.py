"""The notebook's pages: saved on revisions, learned word for word, erased."""

import pytest

from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database, new_id
from l2c.store.learning import Learning
from l2c.store.notes import Learned, NoteRow, Notes


@pytest.fixture
def notes(database: Database) -> Notes:
    return Notes(database, Accounts(database).local())


def test_pages_come_newest_first_with_their_beginnings(notes: Notes) -> None:
    ids = [notes.add(f"{day}\n" + "x" * 400).id for day in ("Monday", "Tuesday", "Wednesday")]
    page = notes.page(limit=2)
    assert [row.id for row in page.notes] == ids[:0:-1]
    assert len(page.notes[0].text) == 300
    assert [row.id for row in notes.page(limit=2, before=page.next).notes] == ids[:1]


def test_a_page_is_not_overwritten_by_who_has_not_seen_it(notes: Notes) -> None:
    page = notes.add("Rain")
    assert notes.write(page.id, "Rain till four", revision=1).revision == 2
    with pytest.raises(Conflict, match="revision 2"):
        notes.write(page.id, "Frost", revision=1)
    assert notes.write(page.id, "Rain till four", revision=1).revision == 2
    assert notes.get(page.id).text == "Rain till four"


def test_a_page_is_begun_once_under_the_id_its_writer_made(
    database: Database, notes: Notes
) -> None:
    own = new_id()
    assert notes.write(own, "Rain", revision=0).revision == 1
    assert notes.write(own, "Rain", revision=0).revision == 1  # the answer was lost
    assert notes.write(own, "Rain till four", revision=0).revision == 2  # and more was written
    with pytest.raises(Conflict, match="revision 2"):
        notes.write(own, "Frost", revision=0)
    assert len(notes.page(limit=9).notes) == 1
    with pytest.raises(NotFound):
        notes.write(new_id(), "erased meanwhile", revision=1)
    for name in ("new", new_id().upper(), new_id() + "0", "../" + new_id()):
        with pytest.raises(NotFound):
            notes.write(name, "Rain", revision=0)
    eve = Notes(database, Accounts(database).create("Eve").id)
    with pytest.raises(NotFound):
        eve.write(own, "mine", revision=0)


@pytest.mark.parametrize("revision", [0, 1])
def test_a_save_that_comes_late_takes_nothing_away(notes: Notes, revision: int) -> None:
    own = new_id()
    if revision:
        notes.write(own, "Ra", revision=0)
    notes.write(own, "Rain till four", revision=revision)
    with pytest.raises(Conflict):
        notes.write(own, "Rain", revision=revision)  # sent before
    assert notes.get(own).text == "Rain till four"
    assert notes.write(own, "Rain till four.", revision=revision).text == "Rain till four."


def test_a_page_that_was_emptied_is_not_filled_by_who_has_not_seen_it(notes: Notes) -> None:
    page = notes.add("Rain")
    notes.write(page.id, "", revision=1)
    with pytest.raises(Conflict):
        notes.write(page.id, "Rain till four", revision=1)


def learn(notes: Notes, page: NoteRow, *paragraphs: str) -> NoteRow:
    return notes.learn(
        page.id, paragraphs or [page.text], revision=page.revision, title="Diary", model="le"
    )


def test_what_was_learned_stays_as_it_was_read(notes: Notes) -> None:
    page = learn(notes, notes.add("Rain"))
    assert page.learned_revision == page.revision
    learned = Learned(page.id, page.revision)
    changed = notes.write(page.id, "Frost", revision=1)
    assert notes.learned() == {learned}
    assert notes.learned_text(learned) == "Rain"
    assert changed.learned_revision == 1
    notes.unlearn(page.id)
    assert notes.learned() == set()
    assert notes.learned_text(learned) is None


def test_a_measure_belongs_to_what_was_measured(notes: Notes) -> None:
    page = learn(notes, notes.add("Rain"))
    learned = Learned(page.id, page.revision)
    notes.measured(learned, saved=0.3, starter_saved=0.1)
    assert (notes.get(page.id).saved, notes.get(page.id).starter_saved) == (0.3, 0.1)
    notes.unlearn(page.id)
    notes.measured(learned, saved=0.5, starter_saved=0.5)
    assert notes.get(page.id).saved is None


def test_only_what_was_read_is_learned(notes: Notes) -> None:
    page = notes.add("Rain")
    notes.write(page.id, "Frost", revision=1)
    with pytest.raises(Conflict, match="revision 2"):
        learn(notes, page)
    assert notes.get(page.id).learned_in is None


def test_paragraphs_wait_for_a_lesson_each_once(
    notes: Notes, learning: Learning, database: Database
) -> None:
    page = learn(notes, notes.add("Rain\n\nFrost"), "Rain", "Frost")
    assert (page.waiting, page.lesson) == (2, None)
    assert [one.user_text for one in learning.pending("le", limit=9)] == ["Rain", "Frost"]
    assert not any(one.answer_teaches for one in learning.pending("le", limit=9))
    again = learn(notes, notes.write(page.id, "Rain\n\nFrost\n\nSun", revision=1), "Frost", "Sun")
    assert (again.learned_in, again.waiting) == (page.learned_in, 3)
    assert notes.teaching_in([str(page.learned_in)]) == {page.learned_in: page.id}
    [conversation] = Conversations(database, Accounts(database).local()).list().conversations
    assert (conversation.title, conversation.archived) == ("Diary", True)


def test_half_a_character_is_refused(notes: Notes) -> None:
    with pytest.raises(InvalidInput, match="surrogate"):
        notes.add("\ud83d")
