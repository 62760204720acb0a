"""A question is asked in very many ways, and none of them is the gate's."""

import re

from l2c.corpus.chance import Chance
from l2c.learning import framing
from l2c.text.facts import find
from l2c.text.questioning import Core, cores

AUNT = Core("where does my aunt live", "where my aunt lives", "the home of my aunt",
            "my aunt lives where", "my aunt")  # fmt: skip


def drawn(core: Core, number: int) -> set[str]:
    chance = Chance(1)
    return {line for _ in range(number) if (line := framing.ask(core, chance))}


def test_a_question_is_hardly_ever_asked_twice_in_the_same_words() -> None:
    assert len(drawn(AUNT, 1_000)) > 500


def test_it_is_asked_in_turned_words_and_as_people_type() -> None:
    lines = drawn(AUNT, 4_000)
    assert "Where did I say my aunt lives?" in lines
    assert "My aunt, where does she live?" in lines
    assert "where does my aunt live" in lines
    assert any("our aunt" in line for line in lines)


def test_what_is_asked_keeps_its_meaning() -> None:
    allowed = re.compile(r"live|living|home|town", re.IGNORECASE)
    lines = drawn(AUNT, 500)
    assert sum(bool(allowed.search(line)) for line in lines) > 0.97 * len(lines)  # but for slips


def test_the_gate_has_words_of_its_own() -> None:
    (fact,) = find("My aunt lives in Brno.")
    practised = {line for core in cores(fact) for line in drawn(core, 200)}
    kept = {line for core in cores(fact) for line in framing.kept_for_the_gate(core)}
    assert kept
    assert not practised & kept


def test_what_a_question_lacks_is_not_asked() -> None:
    assert drawn(Core(direct="who am I"), 300)
    assert framing.plainly(Core(embedded="who I am")) == ""
