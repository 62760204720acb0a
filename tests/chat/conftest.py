"""One room for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.chat.live import LiveModels
from l2c.chat.reply import Replies
from l2c.chat.router import Router
from l2c.chat.tails import Tails
from l2c.chat.talks import Talks
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.models import Models
from l2c.store.speakers import Speakers
from l2c.store.trees import Trees
from tests.chat.room import Room, add_model
from tests.chat.teller import Teller, teller
from tests.postgresql import open_store


@pytest.fixture
def room(tmp_path: Path, store_at: str | None) -> Iterator[Room]:
    with open_store(tmp_path, store_at) as database:
        user = Accounts(database).local()
        conversations, models = Conversations(database, user), Models(database, user)
        folder, tails = CheckpointFolder(tmp_path / "checkpoints"), Tails()
        add_model(models, folder)
        live = LiveModels(models, folder, {})
        talks = Talks(conversations, Trees(database, user))
        speakers = Speakers(database, user)
        replies = Replies(talks, live, tails, Router(), speakers)
        yield Room(conversations, talks, models, folder, live, tails, speakers, replies)
        replies.close()
        talks.close()


@pytest.fixture
def tellers(tmp_path: Path) -> Iterator[tuple[Teller, Teller]]:
    with Database.open(tmp_path, ballast_bytes=1 << 16) as database:
        accounts = Accounts(database)
        others = accounts.create("other")
        both = (
            teller(database, accounts.local(), tmp_path / "checkpoints"),
            teller(database, others.id, tmp_path / "checkpoints"),
        )
        yield both
        for one in both:
            one.replies.close()
            one.talks.close()


@pytest.fixture
def me(tellers: tuple[Teller, Teller]) -> Teller:
    return tellers[0]
