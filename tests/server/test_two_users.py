"""Two people use one server, in any order: each sees what is theirs, all of it, and nothing else.

A state machine takes steps for either of them over HTTP and keeps a simple model of what each has;
after every step lists, texts and searches say what the model says, and every id of one is unknown
to the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.server.neighbours import Neighbours, neighbours

USERS = st.sampled_from(["ada", "eve"])
WORDS = {"ada": ["apricot", "almond"], "eve": ["elderberry", "endive"]}
"""What each talks about; neither ever says a word of the other."""

PICK = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Iterator[Neighbours]:
    with neighbours(tmp_path_factory.mktemp("house") / "data", starter) as house:
        yield house


@dataclass
class Has:
    """What somebody should have: conversations with their titles and turns, and folders."""

    key: str
    titles: dict[str, str] = field(default_factory=dict)
    turns: dict[str, list[str]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)


class TwoUsers(RuleBasedStateMachine):
    house: Neighbours

    def __init__(self) -> None:
        super().__init__()
        self.has = {name: Has(self.house.key(name)) for name in WORDS}
        for name in WORDS:
            for kind in ("conversations", "folders"):
                for one in self.get(name, f"/app/v1/{kind}")[kind]:
                    self.call(name, "DELETE", f"/app/v1/{kind}/{one['id']}", expect=204)

    def call(self, who: str, method: str, path: str, *, expect: int, **how: Any) -> Any:
        response = self.house.call(method, path, bearer=self.has[who].key, **how)
        assert response.status_code == expect, (who, method, path, response.text)
        return response

    def get(self, who: str, path: str) -> Any:
        return self.call(who, "GET", path, expect=200).json()

    def one(self, who: str, pick: int) -> str | None:
        mine = sorted(self.has[who].titles)
        return mine[pick % len(mine)] if mine else None

    @rule(who=USERS, word=PICK)
    def begin(self, who: str, word: int) -> None:
        title = WORDS[who][word % 2]
        made = self.call(who, "POST", "/app/v1/conversations", json={"title": title}, expect=201)
        self.has[who].titles[made.json()["id"]] = title
        self.has[who].turns[made.json()["id"]] = []

    @rule(who=USERS, pick=PICK, word=PICK)
    def say(self, who: str, pick: int, word: int) -> None:
        conversation = self.one(who, pick)
        if conversation is None:
            return
        text = f"I like {WORDS[who][word % 2]}"
        path = f"/app/v1/conversations/{conversation}/turns"
        begun = self.call(who, "POST", path, json={"text": text}, expect=202).json()
        answer = self.house.side(who).replies.wait(begun["answer"]["id"])
        self.has[who].turns[conversation] += [begun["user"]["id"], answer.id]

    @rule(who=USERS, pick=PICK)
    def delete(self, who: str, pick: int) -> None:
        conversation = self.one(who, pick)
        if conversation is not None:
            self.call(who, "DELETE", f"/app/v1/conversations/{conversation}", expect=204)
            del self.has[who].titles[conversation], self.has[who].turns[conversation]

    @rule(who=USERS, pick=PICK)
    def file_away(self, who: str, pick: int) -> None:
        conversation, mine = self.one(who, pick), self.has[who]
        name = f"{WORDS[who][0]} {len(mine.folders)}"
        made = self.call(who, "POST", "/app/v1/folders", json={"name": name}, expect=201).json()
        mine.folders[made["id"]] = name
        if conversation is not None:
            place = {"folder_id": made["id"], "tags": [WORDS[who][1]]}
            self.call(who, "PATCH", f"/app/v1/conversations/{conversation}", json=place, expect=200)

    @rule(who=USERS, pick=PICK)
    def reach_over(self, who: str, pick: int) -> None:
        other = "eve" if who == "ada" else "ada"
        theirs = self.one(other, pick)
        if theirs is None:
            return
        path = f"/app/v1/conversations/{theirs}"
        self.call(who, "GET", path, expect=404)
        self.call(who, "PATCH", path, json={"title": "mine now"}, expect=404)
        self.call(who, "DELETE", path, expect=404)
        self.call(who, "POST", f"{path}/turns", json={"text": "hello"}, expect=404)
        for turn in self.has[other].turns[theirs][:2]:
            self.call(who, "GET", f"/app/v1/turns/{turn}", expect=404)
        for folder in list(self.has[other].folders)[:1]:
            mine = self.one(who, pick)
            if mine is not None:
                into = {"folder_id": folder}
                self.call(who, "PATCH", f"/app/v1/conversations/{mine}", json=into, expect=404)

    @invariant()
    def everybody_has_what_is_theirs(self) -> None:
        for who, mine in self.has.items():
            listed = self.get(who, "/app/v1/conversations?limit=200")["conversations"]
            assert {one["id"]: one["title"] for one in listed} == mine.titles
            folders = self.get(who, "/app/v1/folders")["folders"]
            assert {one["id"]: one["name"] for one in folders} == mine.folders
            for conversation, turns in mine.turns.items():
                shown = self.get(who, f"/app/v1/conversations/{conversation}")["turns"]
                assert [turn["id"] for turn in shown] == turns
            said = {turn for turns in mine.turns.values() for turn in turns[::2]}
            hits = [
                hit
                for words in WORDS.values()
                for word in words
                for hit in self.get(who, f"/app/v1/search?q={word}&limit=50")["hits"]
            ]
            assert {hit["turn_id"] for hit in hits if hit["role"] == "user"} == said


@pytest.mark.slow
def test_each_of_two_users_has_all_of_theirs_and_nothing_else(house: Neighbours) -> None:
    machine = type("Machine", (TwoUsers,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
