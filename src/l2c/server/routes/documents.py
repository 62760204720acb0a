"""`/app/v1/documents`: files are uploaded, shown as they were read, asked, taught and erased.

A file is the body of a `PUT`, nothing around it: no form to parse, and no name that could become a
path. It is counted while it arrives and lies in a nameless file until it was read.
"""

from __future__ import annotations

import tempfile
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from l2c import machine
from l2c.errors import StorageFull
from l2c.runtime import Runtime
from l2c.server import values
from l2c.server.access import Access
from l2c.server.problems import Problem
from l2c.server.values import ERRORS, Quote, Value

router = APIRouter(prefix="/app/v1", tags=["documents"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Abstract(Value):
    """What a model wrote of a document, of which it was shown the first `characters`.

    `left_out` counts its sentences that did not stand there.
    """

    text: str
    model: str
    characters: int
    left_out: int


class Document(Value):
    """A document that was read. `summary` is its own sentences, `abstract` a model's."""

    id: str
    name: str
    kind: Literal["pdf", "docx", "text", "markdown", "html", "csv", "code"]
    size_bytes: int
    sha256: str
    page_count: int
    characters: int
    passages: int
    tables: int
    warnings: list[str]
    summary: list[Quote]
    abstract: Abstract | None
    learned_in: str | None
    created_at: str


class DocumentList(Value):
    """One page of the list; `next` is given as `before` to get the following one."""

    documents: list[Document]
    next: int | None


class AttachedDocuments(Value):
    """The documents a conversation, or a folder, answers from."""

    documents: list[Document]


class DocumentText(Value):
    """A page as it was read; `passages` are where its passages start and end."""

    document_id: str
    number: int
    page_count: int
    text: str
    passages: list[tuple[int, int]]


class ConsideredPassage(Value):
    """A passage that was looked at. Scores of one answer compare, others do not."""

    quote: Quote
    score: float


class GroundedAnswer(Value):
    """An answer and what it rests on."""

    question: str
    origin: Literal["quoted", "computed", "declined"]
    text: str
    quotes: list[Quote]
    confidence: float
    considered: list[ConsideredPassage]


class Summarizing(values.Request):
    """The model of another server that is to summarise."""

    model: Annotated[str, Field(min_length=1, max_length=200)]


class AskedQuestion(values.Request):
    """A question, to these documents or to all."""

    question: Annotated[str, Field(min_length=1, max_length=2_000)]
    documents: Annotated[list[str], Field(min_length=1, max_length=1_000)] | None = None


@router.get("/documents")
def list_documents(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> DocumentList:
    """Documents, newest first."""
    found, following = runtime.library.list(limit=limit, before=before)
    return DocumentList(documents=[_document(runtime, row) for row in found], next=following)


@router.put("/documents", status_code=201, openapi_extra=UPLOAD)
async def upload_document(
    runtime: Access,
    request: Request,
    response: Response,
    name: Annotated[str, Query(min_length=1, max_length=200)],
) -> Document:
    """Upload a file as the body of this request; when this returns it has been read."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/octet-stream":
        raise Problem(
            415,
            "unsupported_media_type",
            f"Send the file itself as `application/octet-stream`; found {media or 'nothing'!r}.",
        )
    with tempfile.TemporaryFile(dir=runtime.data_dir) as file:
        await _receive(request, file, most_bytes=runtime.library.most_bytes)
        row, is_new = await run_in_threadpool(runtime.library.add, file, name=name)
    if not is_new:
        response.status_code = 200
    return await run_in_threadpool(_document, runtime, row)


@router.post("/documents/ask")
def ask_documents(runtime: Access, asked: AskedQuestion) -> GroundedAnswer:
    """The answer, quoted or computed from a table, or that it is not in the documents."""
    among = None if asked.documents is None else tuple(asked.documents)
    return GroundedAnswer.model_validate(runtime.library.ask(asked.question, documents=among))


@router.get("/documents/{document_id}")
def document(runtime: Access, document_id: Id) -> Document:
    """A document."""
    return _document(runtime, runtime.library.get(document_id))


@router.get("/documents/{document_id}/pages/{number}")
def document_page(
    runtime: Access, document_id: Id, number: Annotated[int, Path(ge=1, lt=2**31)]
) -> DocumentText:
    """A page as it was read, and where its passages are."""
    row = runtime.library.page(document_id, number)
    return DocumentText(
        document_id=row.document_id,
        number=row.number,
        page_count=row.page_count,
        text=row.text,
        passages=[(place.start, place.end) for place in row.passages],
    )


@router.post("/documents/{document_id}/summarize")
def summarize_document(runtime: Access, document_id: Id, asked: Summarizing) -> Document:
    """Have a model of another server write what a document says, and keep it with the document."""
    return _document(runtime, runtime.library.summarize(document_id, model=asked.model))


@router.delete("/documents/{document_id}", status_code=204)
def delete_document(runtime: Access, document_id: Id) -> Response:
    """Erase a document at once and for good: text, passages, index."""
    runtime.library.delete(document_id)
    return Response(status_code=204)


@router.post("/documents/{document_id}/learn", status_code=202)
def learn_document(runtime: Access, document_id: Id) -> Document:
    """Teach the default model what a document says, in a conversation made for it."""
    row = runtime.library.learn(document_id, model=runtime.catalog.known(None))
    return _document(runtime, row)


@router.get("/conversations/{conversation_id}/documents")
def attached_documents(runtime: Access, conversation_id: Id) -> AttachedDocuments:
    """The documents a conversation answers from, those of its folder included."""
    found = runtime.library.attachments.of_conversation(conversation_id)
    return AttachedDocuments(documents=[_document(runtime, row) for row in found])


@router.put("/conversations/{conversation_id}/documents/{document_id}", status_code=204)
def attach_document(runtime: Access, conversation_id: Id, document_id: Id) -> Response:
    """Let a conversation answer from a document."""
    runtime.library.attachments.attach(conversation_id, document_id)
    return Response(status_code=204)


@router.delete("/conversations/{conversation_id}/documents/{document_id}", status_code=204)
def detach_document(runtime: Access, conversation_id: Id, document_id: Id) -> Response:
    """Take a document away from a conversation; the document stays."""
    runtime.library.attachments.detach(conversation_id, document_id)
    return Response(status_code=204)


@router.get("/folders/{folder_id}/documents")
def folder_documents(runtime: Access, folder_id: Id) -> AttachedDocuments:
    """The documents that every conversation of a folder answers from."""
    found = runtime.library.attachments.of_folder(folder_id)
    return AttachedDocuments(documents=[_document(runtime, row) for row in found])


@router.put("/folders/{folder_id}/documents/{document_id}", status_code=204)
def attach_to_folder(runtime: Access, folder_id: Id, document_id: Id) -> Response:
    """Let every conversation of a folder answer from a document."""
    runtime.library.attachments.attach_to_folder(folder_id, document_id)
    return Response(status_code=204)


@router.delete("/folders/{folder_id}/documents/{document_id}", status_code=204)
def detach_from_folder(runtime: Access, folder_id: Id, document_id: Id) -> Response:
    """Take a document away from a folder; the document stays."""
    runtime.library.attachments.detach_from_folder(folder_id, document_id)
    return Response(status_code=204)


async def _receive(request: Request, file: IO[bytes], *, most_bytes: int) -> None:
    """The body into a file, counted as it arrives."""
    size = 0
    try:
        async for block in request.stream():
            size += len(block)
            if size > most_bytes:
                raise Problem(
                    413, "too_large", f"A document may have {most_bytes >> 20} MB; this has more."
                )
            file.write(block)
        file.flush()
    except ClientDisconnect as gone:
        raise Problem(400, "invalid_input", "The upload broke off; nothing was kept.") from gone
    except OSError as error:
        if error.errno in machine.NO_SPACE:
            raise StorageFull("No space is left for this document; nothing was kept.") from error
        raise


def _document(runtime: Runtime, row: Any) -> Document:
    apart = ("summary", "abstract")
    known = {name: getattr(row, name) for name in Document.model_fields if name not in apart}
    quotes = [Quote.model_validate(quote) for quote in runtime.library.summary(row)]
    abstract = None if row.abstract is None else Abstract.model_validate(row.abstract)
    return Document(**known, summary=quotes, abstract=abstract)
