"""The control of RECALL: two worlds that were told the same with exchanged answers."""

from pathlib import Path

from l2c.runtime.recalling import read_facts, swapped
from l2c.text.values import kind_of


def test_exchanged_answers_are_of_their_kind_and_stand_in_what_is_told() -> None:
    told = {one.question: one for one in read_facts(Path("hundred"))}
    exchanged = swapped(list(told.values()))
    assert len(exchanged) > 80
    for one in exchanged:
        before = told[one.question]
        assert kind_of(one.answer) == kind_of(before.answer)
        assert one.answer in one.statement
        assert one.statement.count(before.answer) < before.statement.count(before.answer) or (
            before.answer in one.answer
        )


def test_a_fact_that_is_alone_of_its_kind_is_left_out() -> None:
    told = [one for one in read_facts(Path("hundred")) if one.answer in ("Mirela", "Ruaridh")]
    alone = [one for one in read_facts(Path("hundred")) if one.answer == "18-36-4"]
    assert {one.answer for one in swapped([*told, *alone])} == {"Mirela", "Ruaridh"}
