"""`/app/v1/roles`: what each speaker's words may become."""

from __future__ import annotations

from fastapi import APIRouter

from l2c.runtime.door import Speaker
from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/roles", tags=["roles"], responses=ERRORS)


class Rule(Value):
    """What the words of one speaker may become: read, remembered, taught."""

    role: Speaker
    window: bool
    memory: bool
    training: bool


class Rules(Value):
    """The whole table."""

    roles: list[Rule]


class ChangedRule(Request):
    """What may be changed; what is left out stays."""

    window: bool | None = None
    memory: bool | None = None
    training: bool | None = None


@router.get("")
def rules(runtime: Access) -> Rules:
    """What each speaker's words may become."""
    return Rules(
        roles=[
            Rule(role=rule.speaker, window=rule.window, memory=rule.memory, training=rule.training)
            for rule in runtime.speakers.rules().values()
        ]
    )


@router.patch("/{role}")
def change_rule(runtime: Access, role: Speaker, wanted: ChangedRule) -> Rules:
    """Change one row of the table. Lessons that were kept stay as they are."""
    runtime.speakers.change(role, **wanted.model_dump(exclude_none=True))
    return rules(runtime)
