"""Writes the kept conversations of a user to `logs/conversations/` while they are being held.

The store is the truth, the file its copy for people and for training: it is written when an
answer is finished, and a fault of it never stops a conversation. What is temporary, or deleted,
is never written.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from l2c.chat import tree_json
from l2c.chat.session_files import SessionFiles
from l2c.errors import L2CError, NotFound
from l2c.store import turns
from l2c.store.database import Database
from l2c.store.trees import Trees

log = logging.getLogger(__name__)


class SessionLogger:
    """Logs one user's conversations."""

    def __init__(self, trees: Trees, files: SessionFiles) -> None:
        self._trees = trees
        self._files = files

    def note(self, conversation_id: str) -> None:
        """The conversation went on: write its file anew, if it is one that is kept."""
        try:
            self._files.write(tree_json.to_json(self._trees.get(conversation_id)))
        except NotFound:
            return
        except (L2CError, OSError) as error:
            log.warning("A conversation could not be logged to a file: %s", error)


def forget(
    database: Database, files: SessionFiles, conversations: Sequence[str], gone: Sequence[str]
) -> None:
    """Erase the logs of these conversations, and of those the turns in `gone` stand in.

    A conversation that goes on is logged anew, without these turns.
    """
    files.forget({*conversations, *turns.conversations_of(database, gone)})
