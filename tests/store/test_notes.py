"""The notebook's pages: saved on revisions, learned word for word, erased."""

import pytest

from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.accounts import Accounts
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.notes import Learned, Notes


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


def test_what_was_learned_stays_as_it_was_read(notes: Notes) -> None:
    page = notes.learn(notes.add("Rain").id)
    assert page.learned_revision == page.revision
    learned = Learned(page.id, page.learned_at or "")
    changed = notes.write(page.id, "Frost", revision=1)
    assert notes.learned() == {learned}
    assert notes.learned_text(learned) == "Rain"
    assert changed.learned_revision == 1
    notes.unlearn(page.id)
    assert notes.learned() == set()
    assert notes.learned_text(learned) is None


def test_a_measure_belongs_to_what_was_measured(notes: Notes) -> None:
    page = notes.learn(notes.add("Rain").id)
    learned = Learned(page.id, page.learned_at or "")
    notes.measured(learned, saved=0.3, starter_saved=0.1)
    assert (notes.get(page.id).saved, notes.get(page.id).starter_saved) == (0.3, 0.1)
    notes.unlearn(page.id)
    notes.measured(learned, saved=0.5, starter_saved=0.5)
    assert notes.get(page.id).saved is None


def test_an_erased_page_is_in_no_copy_either(notes: Notes, database: Database) -> None:
    copies = Copies(database)
    page = notes.add("Swordfish in the shed")
    other = notes.add("Rain in the garden")
    copies.take_daily()
    copies.forget_note(page.id)
    notes.delete(page.id)
    with pytest.raises(NotFound):
        notes.get(page.id)
    (copy,) = copies.daily()
    content = copy.read_bytes()
    assert b"Swordfish" not in content
    assert b"Rain in the garden" in content
    assert notes.get(other.id).text == "Rain in the garden"


def test_half_a_character_is_refused(notes: Notes) -> None:
    with pytest.raises(InvalidInput, match="surrogate"):
        notes.add("\ud83d")
