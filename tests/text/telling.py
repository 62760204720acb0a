"""What the tests of telling and asking share: facts in short, and the one that answers best."""

from l2c.text.answering import answers
from l2c.text.asking import ask
from l2c.text.facts import Fact, find


def triples(text: str, before: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    known: list[Fact] = []
    for earlier in before:
        known += find(earlier, known)
    return [(fact.subject, fact.relation, fact.value) for fact in find(text, known)]


def best(question: str, told: list[Fact]) -> str:
    asked = ask(question)
    assert asked is not None, question
    scored = [(answers(asked, fact), fact.said) for fact in told]
    score, said = max(scored, default=(0.0, ""))
    return said if score > 0 else ""
