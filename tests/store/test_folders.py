"""Folders, tags, pins and the archive: how conversations are put in order."""

from typing import Any

import pytest

from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.folders import Folders
from l2c.store.listing import Wanted


@pytest.fixture
def folders(database: Database, user: str) -> Folders:
    return Folders(database, user)


def listed(conversations: Conversations, **wanted: Any) -> list[str]:
    page = conversations.list(wanted=Wanted(**wanted))
    return [row.title for row in page.conversations]


def test_the_list_is_narrowed_to_a_folder_a_tag_pins_or_the_archive(
    conversations: Conversations, folders: Folders
) -> None:
    garden = folders.create("Garden").id
    beans = conversations.create(model="le", title="Beans", folder_id=garden).id
    garlic = conversations.create(model="le", title="Garlic").id
    conversations.update(garlic, folder_id=garden, tags=["winter", "  winter "], archived=True)
    conversations.update(beans, pinned=True)
    conversations.create(model="le", title="Cat")
    assert listed(conversations, folder_id=garden) == ["Garlic", "Beans"]
    assert listed(conversations, tag="winter", archived=True) == ["Garlic"]
    assert listed(conversations, pinned=True) == ["Beans"]
    assert listed(conversations, archived=False) == ["Cat", "Beans"]
    assert conversations.get(garlic).tags == ("winter",)
    assert [(tag.name, tag.conversations) for tag in folders.tags()] == [("winter", 1)]
    assert [(row.name, row.conversations) for row in folders.all()] == [("Garden", 2)]


def test_conversations_outlive_their_folder(conversations: Conversations, folders: Folders) -> None:
    garden = folders.create("Garden").id
    beans = conversations.create(model="le", folder_id=garden).id
    folders.delete(garden)
    assert conversations.get(beans).folder_id is None
    with pytest.raises(NotFound):
        conversations.update(beans, folder_id=garden)


def test_no_two_folders_have_one_name(folders: Folders) -> None:
    garden, house = folders.create(" The  garden "), folders.create("House")
    assert garden.name == "The garden"
    with pytest.raises(Conflict, match="already"):
        folders.create("House")
    with pytest.raises(Conflict, match="already"):
        folders.rename(garden.id, "House")
    assert folders.rename(house.id, "House").name == "House"
    with pytest.raises(InvalidInput, match="1 to 100"):
        folders.create("  ")


def test_tags_go_with_their_conversation(
    conversations: Conversations, folders: Folders, database: Database
) -> None:
    beans = conversations.create(model="le").id
    conversations.update(beans, tags=["garden"])
    conversations.delete(beans)
    assert folders.tags() == []
    conversations.purge_deleted()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tag").scalar_one() == 0
    other = conversations.create(model="le").id
    with pytest.raises(InvalidInput, match="32 tags"):
        conversations.update(other, tags=[f"{number}" for number in range(33)])
