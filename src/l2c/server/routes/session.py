"""`/app/v1/session`: what the page asks first."""

from __future__ import annotations

from fastapi import APIRouter

from l2c import __version__
from l2c.server.access import Access
from l2c.server.values import ERRORS, Model, Sampling, Session

router = APIRouter(prefix="/app/v1", tags=["session"], responses=ERRORS)


@router.get("/session")
def session(runtime: Access) -> Session:
    """Who is here, which models can be picked, and what a turn may be."""
    return Session(
        user=runtime.user_name,
        version=__version__,
        default_model=runtime.settings.model,
        models=[Model.model_validate(model) for model in runtime.catalog.views()],
        sampling=Sampling(temperature=runtime.settings.temperature),
    )
