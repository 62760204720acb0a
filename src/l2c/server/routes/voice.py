"""`/app/v1/voice`: the core prompt, which gives the house's own models their tone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from l2c.runtime.voice import DEFAULT, MAX_CHARACTERS, hearing
from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/voice", tags=["voice"], responses=ERRORS)


class Voice(Value):
    """The core prompt, what it begins as, and the models that read it."""

    core_prompt: str
    default: str
    models: list[str]


class NewVoice(Request):
    """Another core prompt; an empty one is the default again."""

    core_prompt: Annotated[str, Field(max_length=MAX_CHARACTERS)]


@router.get("")
def voice(runtime: Access) -> Voice:
    """The core prompt now."""
    return _shown(runtime.house.core_prompt.read(), runtime)


@router.put("")
def change(runtime: Access, wanted: NewVoice) -> Voice:
    """Change the core prompt, for everybody of the house."""
    return _shown(runtime.house.core_prompt.write(wanted.core_prompt), runtime)


def _shown(text: str, runtime: Access) -> Voice:
    return Voice(core_prompt=text, default=DEFAULT, models=hearing(runtime.models))
