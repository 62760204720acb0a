"""`/app/v1/notes`: the notebook, and how what is written in it goes on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from l2c.runtime.notes import NoteRow, title_of
from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/notes", tags=["notes"], responses=ERRORS)

NoteId = Annotated[str, Path(min_length=1, max_length=64)]

MOST_CHARACTERS = 100_000
MOST_BEFORE = 4_000


class NoteInBrief(Value):
    """A page of the notebook in a list.

    `learned` is "no", "yes", or "changed" when it was learned in other words. Of its paragraphs
    `waiting` are still to be taught to the weights, `lesson` is the last that taught one, and
    `conversation_id` where they stand. `saved` and `starter_saved` are the shares of its keystrokes
    that suggestions would have spared before it was learned; null until measured.
    """

    id: str
    title: str
    excerpt: str
    learned: str
    learned_at: str | None
    waiting: int
    lesson: int | None
    conversation_id: str | None
    saved: float | None
    starter_saved: float | None
    created_at: str
    changed_at: str


class Note(NoteInBrief):
    """A page of the notebook; `revision` is what it is saved on."""

    text: str
    revision: int


class Notes(Value):
    """Some pages, newest first; `next` is given as `before` to get the following ones."""

    notes: list[NoteInBrief]
    next: int | None


class NewNote(Request):
    """What stands on a new page."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)] = ""


class Written(Request):
    """What stands on a page now, and the revision it was written on; 0 begins the page."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    revision: Annotated[int, Field(ge=0, lt=2**31)]


class Before(Request):
    """What stands before the cursor."""

    before: Annotated[str, Field(max_length=MOST_BEFORE)]


class Suggestion(Value):
    """Whole words that would go on, each with what stands before it; none where it is unsure."""

    words: list[str]
    model: str
    checkpoint: str


@router.get("")
def notes(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Notes:
    """The pages of the notebook, newest first."""
    found, following = runtime.notebook.page(limit=limit, before=before)
    return Notes(notes=[NoteInBrief(**_brief(row)) for row in found], next=following)


@router.post("", status_code=201)
def add(runtime: Access, wanted: NewNote) -> Note:
    """Begin a page."""
    return _whole(runtime.notebook.add(wanted.text))


@router.post("/suggest")
def suggest(runtime: Access, wanted: Before) -> Suggestion:
    """How a text goes on, in the style of what was learned."""
    found = runtime.notebook.suggest(wanted.before)
    return Suggestion(words=list(found.ghost.words), model=found.model, checkpoint=found.checkpoint)


@router.get("/{note_id}")
def note(runtime: Access, note_id: NoteId) -> Note:
    """A page with its words."""
    return _whole(runtime.notebook.get(note_id))


@router.put("/{note_id}")
def write(runtime: Access, note_id: NoteId, wanted: Written) -> Note:
    """Save a page; 409 when somebody saved other words since that revision.

    Words that only go on from what stands there are saved whatever the revision. On revision 0 a
    page is begun under an id made by who asks, 32 hexadecimal digits: asking twice for one page
    makes one page.
    """
    return _whole(runtime.notebook.write(note_id, wanted.text, revision=wanted.revision))


@router.delete("/{note_id}", status_code=204)
def delete(runtime: Access, note_id: NoteId) -> None:
    """Erase a page for good; models follow, as they do for `POST /app/v1/forget`."""
    runtime.notebook.delete(note_id)


@router.post("/{note_id}/learn")
def learn(runtime: Access, note_id: NoteId) -> Note:
    """Learn from the page as it stands now: count it at once, teach it to the weights later."""
    return _whole(runtime.notebook.learn(note_id))


@router.delete("/{note_id}/learn")
def unlearn(runtime: Access, note_id: NoteId) -> Note:
    """Forget what was counted and taught of the page; its words stay."""
    return _whole(runtime.notebook.unlearn(note_id))


def _whole(row: NoteRow) -> Note:
    return Note(text=row.text, revision=row.revision, **_brief(row))


def _brief(row: NoteRow) -> dict[str, Any]:
    title, excerpt = title_of(row.text)
    if row.learned_revision is None:
        learned = "no"
    else:
        learned = "yes" if row.learned_revision == row.revision else "changed"
    names = ("id", "learned_at", "waiting", "lesson", "saved", "starter_saved")
    shown = {name: getattr(row, name) for name in (*names, "created_at", "changed_at")}
    shown |= {"title": title, "excerpt": excerpt, "learned": learned}
    return shown | {"conversation_id": row.learned_in}
