"""Documents in the store: whole or not at all, found by their owner alone, erased to the byte."""

from pathlib import Path

import pytest

from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.accounts import Accounts
from l2c.store.attachments import Attachments
from l2c.store.database import Database
from l2c.store.documents import DocumentRow, Documents, NewDocument, NewPassage
from l2c.store.passages import Passages, Place
from tests.store.talk import Clock, conversations_of, open_store


def new(text: str, *, name: str = "note.txt", vector: bytes | None = None) -> NewDocument:
    place = Place(1, 0, len(text))
    return NewDocument(
        name=name,
        kind="text",
        size_bytes=len(text),
        sha256="0" * 64,
        pages=[text],
        tables=[],
        warnings=[],
        summary=[place],
        passages=[NewPassage(place, name, text.casefold().split(), vector)],
        embedding="test" if vector else None,
    )


def add(database: Database, user: str, text: str) -> DocumentRow:
    return Documents(database, user).add(new(text))[0]


def test_a_document_is_found_by_its_words_and_by_nothing_else(
    database: Database, user: str
) -> None:
    row = add(database, user, "the rent is due in march")
    passages = Passages(database, user)
    (found,) = passages.find(["rent"], among=None, limit=9)
    assert (found.document_id, found.text) == (row.id, "the rent is due in march")
    assert passages.find(["balcony"], among=None, limit=9) == []
    assert passages.find(["rent"], among=["another"], limit=9) == []
    assert passages.count(["rent", "balcony"]) == {"rent": 1, "balcony": 0}


def test_nobody_sees_or_counts_what_others_have(database: Database, user: str) -> None:
    row = add(database, user, "the rent is due in march")
    other = Accounts(database).named("other")
    documents, passages = Documents(database, other), Passages(database, other)
    assert passages.find(["rent"], among=None, limit=9) == []
    assert passages.find(["rent"], among=[row.id], limit=9) == []
    assert passages.count(["rent"]) == {"rent": 0}
    assert passages.size() == (0, 1.0)
    assert passages.tables(None) == []
    assert documents.list().documents == []
    for refused in (
        lambda: documents.get(row.id),
        lambda: documents.page(row.id, 1),
        lambda: documents.delete(row.id),
        lambda: Attachments(database, other).attach("any", row.id),
    ):
        with pytest.raises(NotFound):
            refused()
    assert Documents(database, user).get(row.id) == row


def test_a_foreign_document_cannot_be_attached(database: Database, user: str) -> None:
    other = Accounts(database).named("other")
    foreign = add(database, other, "secret")
    mine = conversations_of(database).create(model="le").id
    with pytest.raises(NotFound):
        Attachments(database, user).attach(mine, foreign.id)


def test_the_same_file_under_the_same_name_is_one_document(database: Database, user: str) -> None:
    documents = Documents(database, user)
    first, is_new = documents.add(new("hello"))
    again, is_new_again = documents.add(new("hello"))
    renamed, _ = documents.add(new("hello", name="other.txt"))
    assert (is_new, is_new_again) == (True, False)
    assert first == again
    assert renamed.id != first.id


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 201, "\ud800"])
def test_a_name_that_is_none_is_refused(database: Database, user: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        Documents(database, user).add(new("hello", name=name))
    assert Documents(database, user).list().documents == []


def test_not_a_byte_of_an_erased_document_remains(tmp_path: Path, clock: Clock) -> None:
    secret = "xylophonequince"
    with open_store(tmp_path, clock) as database:
        user = Accounts(database).local()
        text = " ".join([secret] * 400)
        vector = secret.encode() * 20
        row = Documents(database, user).add(new(text, name=f"{secret}.txt", vector=vector))[0]
        kept = add(database, user, "keep this")
        assert any(secret.encode() in path.read_bytes() for path in files(tmp_path))
        Documents(database, user).delete(row.id)
        assert Documents(database, user).get(kept.id) == kept
        assert not any(secret.encode() in path.read_bytes() for path in files(tmp_path))
    assert not any(secret.encode() in path.read_bytes() for path in files(tmp_path))


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and path.name != "ballast"]


def test_a_document_teaches_all_at_once_or_not_at_all(database: Database, user: str) -> None:
    documents, talks = Documents(database, user), conversations_of(database)
    row = add(database, user, "the rent is due in march")
    half = ["The rent is due in March.", "The bell is broken. \ud800"]
    with pytest.raises(InvalidInput):
        documents.learn(row.id, half, title="Learned", model="le")
    assert documents.get(row.id).learned_in is None
    assert talks.list().conversations == []
    learned = documents.learn(row.id, [*half[:1], "It is 700."], title="Learned", model="le")
    (made,) = talks.list().conversations
    assert (made.id, made.archived) == (learned.learned_in, True)
    assert [turn.text for turn in talks.turns(made.id)][::2] == [*half[:1], "It is 700."]
    with pytest.raises(Conflict, match="taught already"):
        documents.learn(row.id, half[:1], title="Again", model="le")
