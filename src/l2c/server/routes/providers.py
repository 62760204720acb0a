"""`/app/v1/providers`: servers of other models, and whether they can be used."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from l2c.errors import ProviderError
from l2c.runtime import Runtime, ServerEntry
from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/providers", tags=["providers"], responses=ERRORS)

Name = Annotated[str, Path(min_length=1, max_length=32)]


class Provider(Value):
    """A server; `fixed` when it comes from the settings and cannot be removed here."""

    name: str
    kind: Literal["ollama", "openai"]
    url: str
    key: str
    window: int | None
    fixed: bool


class Providers(Value):
    """Every server, those of the settings first."""

    providers: list[Provider]


class NewProvider(Request):
    """A server to name. `key` goes to the keyring; `key_variable` names one of the environment."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    kind: Literal["ollama", "openai"]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    key: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    key_variable: Annotated[str, Field(max_length=64)] | None = None
    window: int | None = None


class RemoteModel(Value):
    """A model of a server; null is what the server does not tell."""

    name: str
    family: str | None
    parameters: str | None
    size_bytes: int | None
    window: int | None


class Check(Value):
    """Whether a server can be used, in words, and its models when it can."""

    ok: bool
    message: str
    models: list[RemoteModel]


@router.get("")
def providers(runtime: Access) -> Providers:
    """Every server of other models; none of them is asked anything."""
    return Providers(providers=[_provider(runtime, entry) for entry in runtime.servers.entries()])


@router.post("", status_code=201)
def add(runtime: Access, wanted: NewProvider) -> Provider:
    """Name a server. Whether it answers is seen by its check."""
    entry = ServerEntry(
        wanted.name,
        wanted.kind,
        wanted.url.rstrip("/"),
        key=wanted.key_variable or "none",
        window=wanted.window,
    )
    return _provider(runtime, runtime.servers.add(entry, key=wanted.key))


@router.delete("/{name}", status_code=204)
def remove(runtime: Access, name: Name) -> None:
    """Forget a server and its key."""
    runtime.servers.remove(name)


@router.post("/{name}/check")
def check(runtime: Access, name: Name) -> Check:
    """Ask a server for its models."""
    server = runtime.servers.named(name)
    try:
        models = server.models()
    except ProviderError as error:
        return Check(ok=False, message=str(error), models=[])
    listed = [RemoteModel.model_validate(model) for model in models]
    for model in listed:
        model.name = f"{name}/{model.name}"
    return Check(ok=True, message=server.welcome(len(models)), models=listed)


def _provider(runtime: Runtime, entry: ServerEntry) -> Provider:
    return Provider(
        name=entry.name,
        kind=entry.kind,
        url=entry.url,
        key=entry.key,
        window=entry.window,
        fixed=runtime.servers.is_fixed(entry.name),
    )
