"""`/app/v1/folders` and `/app/v1/tags`: how conversations are put in order."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from l2c.server.access import Access
from l2c.server.values import ERRORS, Folder, Request, Tag, Value

router = APIRouter(prefix="/app/v1", tags=["folders"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]


class Folders(Value):
    """Every folder, by name."""

    folders: list[Folder]


class Tags(Value):
    """Every tag a conversation has, by name."""

    tags: list[Tag]


class NamedFolder(Request):
    """What a folder is called; no two of a user have the same name."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class FolderChanges(Request):
    """What is to change of a folder; `learn` says whether its conversations teach."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    learn: bool | None = None


@router.get("/folders")
def list_folders(runtime: Access) -> Folders:
    """Every folder, by name."""
    return Folders(folders=[Folder.model_validate(row) for row in runtime.folders.all()])


@router.post("/folders", status_code=201)
def create_folder(runtime: Access, wanted: NamedFolder) -> Folder:
    """A new folder."""
    return Folder.model_validate(runtime.folders.create(wanted.name))


@router.patch("/folders/{folder_id}")
def change_folder(runtime: Access, folder_id: Id, wanted: FolderChanges) -> Folder:
    """Give a folder another name, or say whether what is said in it teaches."""
    return Folder.model_validate(
        runtime.folders.change(folder_id, name=wanted.name, learn=wanted.learn)
    )


@router.delete("/folders/{folder_id}", status_code=204)
def delete_folder(runtime: Access, folder_id: Id) -> Response:
    """Remove a folder; its conversations stay, in no folder."""
    runtime.folders.delete(folder_id)
    return Response(status_code=204)


@router.get("/tags")
def list_tags(runtime: Access) -> Tags:
    """Every tag a conversation has, by name."""
    return Tags(tags=[Tag.model_validate(row) for row in runtime.folders.tags()])
