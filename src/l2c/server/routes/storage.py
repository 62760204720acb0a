"""`/app/v1/storage`: what the data directory takes of the disk, and freeing what can be spared."""

from __future__ import annotations

from fastapi import APIRouter

from l2c.runtime.storage import Storage, StoredKind
from l2c.server.access import Access
from l2c.server.values import ERRORS, Value

router = APIRouter(prefix="/app/v1/storage", tags=["storage"], responses=ERRORS)


class Taken(Value):
    """What the files of one kind take."""

    kind: StoredKind
    size_bytes: int


class Library(Value):
    """How many documents the caller has, and how many characters their text in the store has."""

    count: int
    characters: int


class Used(Value):
    """What is taken, the largest first; `spare_bytes` of it can be given back."""

    taken: list[Taken]
    free_bytes: int
    spare_bytes: int
    documents: Library


@router.get("")
def storage(runtime: Access) -> Used:
    """What is stored here, by kind, and how much room is left."""
    return _told(runtime, runtime.storeroom.look())


@router.post("/free")
def free(runtime: Access) -> Used:
    """Delete the files of older versions; their ledger stays, so they can be made again."""
    return _told(runtime, runtime.storeroom.free())


def _told(runtime: Access, found: Storage) -> Used:
    count, characters = runtime.library.extent()
    return Used(
        taken=[Taken.model_validate(one) for one in found.taken],
        free_bytes=found.free_bytes,
        spare_bytes=found.spare_bytes,
        documents=Library(count=count, characters=characters),
    )
