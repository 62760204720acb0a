"""Which model answers now. Promoting another checkpoint changes the next reply, never this one.

A model is one of the user's own, or one of a server of other models, whose name comes first:
`ollama/llama3:8b`. Own models come first when both exist.

The store says which checkpoint of a model is live; this maps it to a provider that holds it. A
reply keeps the provider it began with. While the live file is missing (somebody deleted it; the
learner is rebuilding it) the starter answers in its place, and every answer says so by its digest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, NotFound, ProviderError
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider
from l2c.providers.remote import RemoteServer
from l2c.store.models import HEARS_CORE_PROMPT, ModelRow, Models

log = logging.getLogger(__name__)


class LiveModels:
    """The models of one user, ready to answer."""

    def __init__(
        self,
        models: Models,
        folder: CheckpointFolder,
        servers: Mapping[str, RemoteServer],
        *,
        core_prompt: Callable[[], str] = lambda: "",
    ) -> None:
        self._core_prompt = core_prompt
        self._models = models
        self._folder = folder
        self._servers = servers

    def is_remote(self, name: str) -> bool:
        """Whether a model of this name would be another server's; an own one comes first."""
        return not self._models.has(name)

    def core_prompt(self, name: str) -> str:
        """The text under which a model answers; empty for one that was not taught under it."""
        try:
            return self._heard_by(self._models.get(name))
        except NotFound:
            return ""

    def current(self, name: str) -> Provider:
        """The provider of the live checkpoint of model `name`, or of a server's model.

        Raises `NotFound` for a model this user does not have, and `ProviderError` when neither
        the live checkpoint nor its starter can be read, or when the server cannot be used.
        """
        return self.to_answer(name)[0]

    def to_answer(self, name: str) -> tuple[Provider, str]:
        """The provider that `current` gives, and the text of `core_prompt`. Raises as `current`."""
        try:
            row = self._models.get(name)
        except NotFound:
            server, _, theirs = name.partition("/")
            if server not in self._servers:
                raise
            return self._servers[server].provider(theirs), ""
        digest, model = answering(row, self._folder)
        return LocalProvider(name, digest, model), self._heard_by(row)

    def _heard_by(self, row: ModelRow) -> str:
        return self._core_prompt() if row.summary.get(HEARS_CORE_PROMPT) else ""


def answering(row: ModelRow, folder: CheckpointFolder) -> tuple[str, LanguageModel]:
    """The version of a model that answers now, its digest first: the live one, or its starter.

    Raises `ProviderError` when neither can be read.
    """
    try:
        return row.live, folder.load(row.live)
    except CheckpointError as broken:
        log.warning("%s cannot answer: %s The starter answers instead.", row.name, broken)
        try:
            return row.starter, folder.load(row.starter)
        except CheckpointError as error:
            raise ProviderError(
                f"{row.name} cannot answer: {broken} Its starter is missing too. "
                f"`l2c models rebuild {row.name}` makes it again."
            ) from error
