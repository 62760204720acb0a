"""Five hundred invented facts of ten families, and near misses: a life told to `le`.

    python -m benchmarks.invented > facts.jsonl        (for `l2c recall --facts facts.jsonl`)

`invented.toml` holds fifty ways to tell something and to ask for it, and lists of words; here they
are filled. Each way is said of ten nouns of its list; the list's other nouns are asked for as near
misses, and most of them are told of in another way. Names, places and things come up once in each
family at most; codes, dates and numbers are drawn. The same seed invents the same facts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from l2c.corpus.chance import Chance
from l2c.learning.recall import Told

WORDINGS = Path(__file__).with_suffix(".toml")
OF_EACH = 10
"""Nouns of which one thing is told."""

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
CONSONANTS, VOWELS = "bdfghklmnprstvwz", "aeiou"
HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
MINUTES = ("half past", "quarter past", "quarter to", "ten past", "ten to")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to tell something of a `{noun}`, with a `{value}`, and three to ask for it."""

    family: str
    tell: str
    ask: tuple[str, ...]
    nouns: str
    values: str


def wordings() -> list[Wording]:
    """All of them, family by family."""
    read = tomllib.loads(WORDINGS.read_text(encoding="utf-8"))
    return [
        Wording(family, one["tell"], tuple(one["ask"]), one["nouns"], one["values"])
        for family, several in read.items()
        if family != "lists"
        for one in several
    ]


def facts(seed: int = 0) -> list[Told]:
    """The facts, family by family."""
    lists = _lists()
    values = _values(lists, seed)
    found: list[Told] = []
    for number, wording in enumerate(wordings()):
        nouns = Chance(seed, 1, number).shuffled(lists[wording.nouns])
        pairs = (
            [tuple(noun.split(":")) for noun in nouns if ":" in noun]
            if wording.nouns == wording.values
            else [(noun, next(values[wording.values])) for noun in nouns[:OF_EACH]]
        )
        told = {noun for noun, _ in pairs}
        near = [noun for noun in nouns if noun.split(":")[0] not in told]
        for at, (noun, value) in enumerate(pairs):
            asked = [text.format(noun=noun) for text in wording.ask]
            missed = wording.ask[0].format(noun=near[at]) if at < len(near) else ""
            tell = wording.tell.format(noun=noun, value=value)
            found.append(Told(tell, asked[0], value, tuple(asked[1:]), near_miss=missed))
    return found


def _values(lists: dict[str, list[str]], seed: int) -> dict[str, Iterator[str]]:
    """An endless stream for every list and every maker, by name."""
    drawn = {
        name: _endless(words, Chance(seed, 2, number))
        for number, (name, words) in enumerate(lists.items())
    }
    made = {
        name: _made(maker, Chance(seed, 3, number))
        for number, (name, maker) in enumerate(MAKERS.items())
    }
    return drawn | made


def _code(chance: Chance) -> str:
    return f"{chance.below(9000) + 1000}"


def _date(chance: Chance) -> str:
    months = _lists()["months"]
    return f"{chance.below(28) + 1} {chance.choice(months)}"


def _number(chance: Chance) -> str:
    return f"{chance.below(380) + 12}"


def _password(chance: Chance) -> str:
    sounds = (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS)
    return "-".join("".join(map(chance.choice, sounds)) for _ in range(2))


def _plate(chance: Chance) -> str:
    return f"{chance.choice(LETTERS)}{chance.choice(LETTERS)}-{chance.below(900) + 100}"


def _serial(chance: Chance) -> str:
    return f"{chance.choice(LETTERS)}{chance.below(90_000) + 10_000}"


def _time(chance: Chance) -> str:
    return f"{chance.choice(MINUTES)} {chance.choice(HOURS)}"


def _year(chance: Chance) -> str:
    return f"{chance.below(60) + 1960}"


MAKERS: dict[str, Callable[[Chance], str]] = {
    "code": _code,
    "date": _date,
    "number": _number,
    "password": _password,
    "plate": _plate,
    "serial": _serial,
    "time": _time,
    "year": _year,
}


def _lists() -> dict[str, list[str]]:
    """The lists by name; words alone are parted by spaces, others by strokes."""
    written = tomllib.loads(WORDINGS.read_text(encoding="utf-8"))["lists"]
    return {name: text.split("|" if "|" in text else None) for name, text in written.items()}


def _endless(values: list[str], chance: Chance) -> Iterator[str]:
    while True:
        yield from chance.shuffled(values)


def _made(maker: Callable[[Chance], str], chance: Chance) -> Iterator[str]:
    """What a maker makes, each once."""
    seen: set[str] = set()
    while True:
        made = maker(chance)
        if made not in seen:
            seen.add(made)
            yield made


def main() -> None:
    """Write them as JSON Lines."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    for one in facts(given.seed):
        kept = {name: value for name, value in asdict(one).items() if value}
        sys.stdout.write(json.dumps(kept, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
