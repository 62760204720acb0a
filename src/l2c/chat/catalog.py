"""The models a user can pick, their versions, and which of them answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from l2c.chat.live import answering
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import NotFound, ProviderError
from l2c.providers.remote import RemoteModel, RemoteServer
from l2c.store.models import CAME_FROM, SMALLER, ModelRow, Models


@dataclass(frozen=True, slots=True)
class SmallerCopy:
    """What a model is a smaller copy of, in which numbers, and what that cost.

    Sizes are bytes of the weights in a file; bits are those per byte of `read` held-out
    conversations.
    """

    model: str
    checkpoint: str
    stored: str
    size_before: int
    size_after: int
    bits_before: float
    bits_after: float
    read: int


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as its user sees it; sizes are those of the version that answers.

    `config` are the plain figures of its engine, such as `hidden_size`. `smaller` is None where it
    is no smaller copy of another.
    """

    name: str
    engine: str
    learns: bool
    parameters: int
    vocabulary_size: int
    window: int
    live: str
    starter: str
    checkpoints: int
    size_bytes: int
    created_at: str
    config: dict[str, bool | int | float | str]
    smaller: SmallerCopy | None


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A version of a model; `available` when its file is there.

    One that was trained on files has no parent; `came_from` is what that training began with.
    """

    digest: str
    parent: str | None
    came_from: str | None
    lesson: int | None
    created_at: str
    size_bytes: int
    live: bool
    pinned: bool
    available: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as other programs see it. What a remote server does not tell is None.

    `created` is in seconds since 1970, `window` in tokens; `digest` is that of the checkpoint.
    """

    name: str
    owner: str
    family: str
    parameters: str
    created: int
    size_bytes: int
    digest: str
    window: int | None


class Catalog:
    """The models of one user: their own ones, and those of the servers they named."""

    def __init__(
        self,
        models: Models,
        folder: CheckpointFolder,
        *,
        default: str,
        servers: Mapping[str, RemoteServer],
    ) -> None:
        self._models = models
        self._folder = folder
        self._default = default
        self._servers = servers

    def own(self) -> Catalog:
        """The same without the models of other servers."""
        return Catalog(self._models, self._folder, default=self._default, servers={})

    def known(self, name: str | None) -> str:
        """The name of a model that can be asked; the default one for None. Raises `NotFound`.

        Whether a server has the model is seen when it is to answer: it may be off just now.
        """
        wanted = name or self._default
        if self._models.has(wanted):
            return wanted
        if name is None or name.partition("/")[0] not in self._servers:
            return self.get(name).name
        return name

    def offers(self) -> Iterator[Offer]:
        """Every model that can answer now; a server that does not answer offers none."""
        for row in self._models.list():
            yield self._offer(row)
        for server in self._servers.values():
            try:
                models = server.models()
            except ProviderError:
                continue
            for model in models:
                yield _remote_offer(server.name, model)

    def offer(self, name: str | None) -> Offer:
        """One model, also by its name with the tag `:latest`. Raises `NotFound`."""
        wanted = name or self._default
        for known in (wanted, wanted.removesuffix(":latest")):
            try:
                return self._offer(self._models.get(known))
            except NotFound:
                continue
        server = wanted.partition("/")[0]
        if server not in self._servers:
            raise NotFound(f"There is no model {wanted!r}.")
        return _remote_offer(server, RemoteModel(wanted.partition("/")[2]))

    def _offer(self, row: ModelRow) -> Offer:
        digest, model = self.answering(row.name)
        return Offer(
            name=row.name,
            owner="l2c",
            family=row.engine,
            parameters=_in_short(model.parameters()),
            created=int(datetime.fromisoformat(row.created_at).timestamp()),
            size_bytes=self._models.checkpoint(row.name, digest).size_bytes,
            digest=digest,
            window=model.engine.window,
        )

    def get(self, name: str | None = None) -> ModelRow:
        """The row of a model, the default one for None. Raises `NotFound`."""
        wanted = name or self._default
        try:
            return self._models.get(wanted)
        except NotFound as error:
            raise NotFound(
                f"There is no model {wanted!r}: `l2c models list` names those there are, "
                f"`l2c models begin` begins with a starter, `l2c train FILES --new {wanted} "
                "--engine llama` teaches a new one."
            ) from error

    def answering(self, name: str | None = None) -> tuple[str, LanguageModel]:
        """The version of a model that answers now, its digest first. Raises as `live.answering`."""
        return answering(self.get(name), self._folder)

    def views(self) -> list[ModelView]:
        """Every model."""
        return [self.view(row.name) for row in self._models.list()]

    def view(self, name: str) -> ModelView:
        """One model. Raises `NotFound`."""
        row, (_, model) = self.get(name), self.answering(name)
        return ModelView(
            name=row.name,
            engine=row.engine,
            learns=row.learns,
            parameters=model.parameters(),
            vocabulary_size=model.tokenizer.vocab_size,
            window=model.engine.window,
            live=row.live,
            starter=row.starter,
            checkpoints=row.checkpoints,
            size_bytes=self._models.checkpoint(row.name, row.live).size_bytes,
            created_at=row.created_at,
            config={
                key: value
                for key, value in model.engine.config.items()
                if isinstance(value, int | float | str)
            },
            smaller=SmallerCopy(**row.summary[SMALLER]) if SMALLER in row.summary else None,
        )

    def checkpoints(self, name: str) -> list[CheckpointView]:
        """A model's versions, newest first. Raises `NotFound`."""
        return [
            CheckpointView(
                row.digest,
                row.parent,
                row.metrics.get(CAME_FROM),
                row.lesson,
                row.created_at,
                row.size_bytes,
                row.live,
                row.pinned,
                available=self._folder.has(row.digest),
            )
            for row in self._models.checkpoints(name)
        ]

    def checkpoint_named(self, name: str, beginning: str) -> str:
        """The one digest of a model that begins so. Raises `NotFound` for none or several."""
        digests = [row.digest for row in self._models.checkpoints(name)]
        found = [digest for digest in digests if digest.startswith(beginning.lower())]
        if len(found) != 1:
            count = "no checkpoint" if not found else f"{len(found)} checkpoints"
            raise NotFound(f"{name} has {count} whose digest begins with {beginning!r}.")
        return found[0]

    def promote(self, name: str, digest: str) -> ModelView:
        """Make a version answer from now on, once it is proven readable.

        Raises `NotFound` when it is none of the model's, and `CheckpointError`.
        """
        self._models.checkpoint(name, digest)
        self._folder.load(digest)
        self._models.promote(name, digest)
        return self.view(name)


def _remote_offer(server: str, model: RemoteModel) -> Offer:
    return Offer(
        name=f"{server}/{model.name}",
        owner=server,
        family=model.family or "",
        parameters=model.parameters or "",
        created=0,
        size_bytes=model.size_bytes or 0,
        digest="",
        window=model.window,
    )


def _in_short(parameters: int) -> str:
    """A number of weights as people write it: 395K, 7.2M."""
    if parameters < 1_000_000:
        return f"{parameters / 1000:.0f}K"
    return f"{parameters / 1_000_000:.1f}M"
