"""Facts that count, and how they answer: which fits a question best, and in what words.

Of all that was told the newest value of a thing counts (`l2c.text.standing`). A question may name
somebody by a name, or point at what was spoken of with a pronoun, and it may ask how something was
before, or whether it was told at all. Where it all comes from is `l2c.chat.memory`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from l2c.chat.router import Route
from l2c.conversation import Message, Origin
from l2c.store.memory import MemoryRow
from l2c.text.answering import OPPOSITE, answers, denies, says_all
from l2c.text.asking import NOT_TOLD, Question, ask
from l2c.text.beings import KIN
from l2c.text.facts import Fact
from l2c.text.lexicon import concepts, plain, stem, tokens
from l2c.text.referring import in_nouns
from l2c.text.restating import restate
from l2c.text.standing import standing

MOST_LISTED = 16
"""Facts that answer a wish for everything."""

MOST_ANSWERS, MOST_TASTES = 3, 8
"""Facts one answer gives when several fit equally well, and when they say what somebody likes."""

SOON = 80
"""Characters within which an answer must have said the value."""

_ALL = re.compile(
    r"\bwhat (?:do |did |can )?you (?:still )?(?:know|remember|recall)"
    r"(?: (?:about|of) (?:me|us))?\W*$|"
    r"\bwhat (?:have i told|did i tell|(?:(?<=remember what )|(?<=know what ))i (?:have )?told) you"
    r"(?: (?:about me|so far|before|earlier|yesterday|last (?:time|week|month)))?\W*$|"
    r"\b(?:tell me|list|say) (?:something |everything |all )?(?:that |what )?"
    r"(?:you (?:know|remember) )?about (?:me|myself|us)\W*$",
    re.IGNORECASE,
)
"""What asks for all that was told."""

_ALL_OF_KIN = re.compile(
    r"\bwho (?:is|are|belongs) (?:all )?(?:in|to|of) my family\W*$|"
    r"\b(?:what (?:do |did |can )?you (?:still )?(?:know|remember)|(?:tell me|list|say) "
    r"(?:something |everything |all )?(?:that |what )?"
    r"(?:you (?:know|remember)(?: of)?)?) ?"
    r"about my (?:family|relatives|folks)\W*$|"
    r"\b(?:list|name) (?:all )?(?:my family(?: members)?|my relatives)\W*$",
    re.IGNORECASE,
)
"""What asks for all that was told of somebody's family."""

_TOLD_ABOUT = re.compile(
    r"^(?:(?:and|so|but|wait|hey)\W+)*(?P<what_of>what )?(?:did|have) I (?:ever |already )?"
    r"(?:tell|told|mention|mentioned)(?: you)?(?: already)?(?: about)? "
    r"(?P<what>(?:my|our) [\w' -]+?|(?-i:[A-Z])[\w'-]+)(?: (?:yet|already|before))?\W*$",
    re.IGNORECASE,
)
"""What asks whether something was told."""

TURNS_POINTED_AT = 4
"""How many turns before it a pronoun may point at."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A fact that counts; `row` is None for one that only this conversation holds.

    `history` are the values it had before, the newest first.
    """

    fact: Fact
    row: MemoryRow | None
    history: tuple[str, ...] = ()


def current(told: Iterable[tuple[Fact, MemoryRow | None]]) -> list[Recalled]:
    """The facts that count, given all in the order they were told: the newest value wins."""
    everything = list(told)
    counting: list[Recalled] = []
    for at, past in standing([fact for fact, _ in everything]).items():
        fact, row = everything[at]
        values = [fact.value, *(everything[old][0].value for old in past)]
        history = (old for newer, old in pairwise(values) if old != newer)
        counting.append(Recalled(fact, row, tuple(history)))
    return counting


def best(question: Question, known: Sequence[Recalled]) -> list[Recalled]:
    """The facts that answer a question best, the newest first; none when none does.

    Who is asked for by a name may have been told of as "my daughter".
    """
    asked = [question, *of_the_named(question, known), *by_their_names(question, known)]
    return next((found for one in asked if (found := _best(one, known))), [])


def of_the_named(question: Question, known: Sequence[Recalled]) -> Iterator[Question]:
    """The question with whom a name stands for, in place of the name; the newest name first."""
    for fact in (one.fact for one in reversed(known)):
        name = frozenset(concepts(fact.value))
        if fact.relation == "name" and fact.subject and name and name <= question.ideas:
            yield replace(question, ideas=(question.ideas - name) | {*concepts(fact.subject)})


def by_their_names(question: Question, known: Sequence[Recalled]) -> Iterator[Question]:
    """The question with a name in place of what they are: "Which of my daughters is a dentist?"."""
    for fact in (one.fact for one in reversed(known)):
        what = frozenset(concepts(fact.subject))
        if fact.relation == "person" and what and what <= question.ideas:
            yield replace(question, ideas=(question.ideas - what) | {*concepts(fact.value)})


def _best(question: Question, known: Sequence[Recalled]) -> list[Recalled]:
    scored = [(answers(question, one.fact), at) for at, one in enumerate(known)]
    top, newest = max(scored, default=(0.0, 0))
    if top <= 0:
        return []
    first = known[newest]
    same = [
        known[at]
        for score, at in sorted(scored, reverse=True)
        if score == top and at != newest and known[at].fact.topic == first.fact.topic
    ]
    return [first, *same][: MOST_TASTES if first.fact.relation in OPPOSITE else MOST_ANSWERS]


def in_words(question: Question, found: Sequence[Recalled]) -> str:
    """What was told, in the second person; the value first where it would come late."""
    sentences = []
    for one in found:
        sentence = restate(one.fact.said)
        if sentence.find(one.fact.value) + len(one.fact.value) > SOON:
            sentence = f"{one.fact.value}. {sentence}"
        sentences.append(sentence)
    quoted = not found[0].fact.relation  # of a whole sentence nobody knows what it affirms
    if question.checks and not quoted and says_all(question, found[0].fact):
        sentences.insert(0, "No." if denies(question, found[0].fact) else "Yes.")
    return " ".join(dict.fromkeys(sentences))


def pronoun_meant(messages: Sequence[Message], known: Sequence[Recalled]) -> list[Recalled]:
    """What answers the last message when its pronoun stands for what was spoken of just before."""
    for asked in clearer(messages, known):
        question = ask(f"{asked}?")
        if question is not None and (found := best(question, known)):
            return found
    return []


def clearer(messages: Sequence[Message], known: Sequence[Recalled]) -> Iterator[str]:
    """The last message with what its pronoun may stand for, of what was spoken of just before."""
    before = [message.text for message in messages[-2 : -2 - TURNS_POINTED_AT : -1]]
    yield from in_nouns(messages[-1].text, before, [one.fact for one in known])


def of_sentences(
    messages: Sequence[Message], known: Sequence[Recalled]
) -> Iterator[tuple[Question, re.Pattern[str]]]:
    """What "why did I sell the car?" or "what do I need to buy?" asks of whole sentences, and what
    one that answers has: a reason, or what is to be done. Nothing for any other message.

    A pronoun or a name is asked for as what it stands for, too.
    """
    for said in (messages[-1].text, *clearer(messages, known)):
        for asked, answered in ((_WHY, _REASON), (_TO_DO, _DUE)):
            if found := asked.match(plain(said).rstrip(" ?!.")):
                question = ask(f"Do I {found[1]}?" if asked is _TO_DO else f"{found[1]}?")
                for one in (question, *of_the_named(question, known)) if question else ():
                    yield replace(one, checks=False), answered


_WHY = re.compile(
    r"(?:(?:and|so|but|then) )*why ((?:do|does|did|am|are|is|was|were|have|has|can|cannot) "
    r"(?:not )?(?:(?:I|we)|(?:my|our) \w+|(?-i:[A-Z])\w+|he|she)\b.*)",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"(?:(?:and|so|but|then) )*what (?:do|did) (?:I|we) (?:still )?"
    r"(?:need|have|want|plan)(?:ed)? to (.+)",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:need|needs|have|has|got|must|want|wants|should|remember|plan|forget)\b", re.IGNORECASE
)
_REASON = re.compile(
    r"\b(?:because|cuz|coz|cos|cause|since|as (?:I|we|he|she|it|they|my)|so that|due to|thanks to|"
    r"in order to|after|for (?:my|our|the))\b",
    re.IGNORECASE,
)


def whether_told(said: str, known: Sequence[Recalled]) -> Route | None:
    """The answer to "Did I tell you about my brother?"; None to anything else."""
    asked = _TOLD_ABOUT.match(plain(said))
    if asked is None:
        return None
    ideas, whether = set(concepts(asked["what"])), asked["what_of"] is None
    told = [
        one
        for one in reversed(known)
        if ideas <= {*concepts(one.fact.said), *concepts(one.fact.subject)}
    ][:MOST_ANSWERS]
    if not told and not whether:
        return Route(Origin.DECLINED, NOT_TOLD)
    if not told:
        return Route(
            Origin.DECLINED,
            f"No. Tell me about {restate(asked['what'])[:-1].replace('Your ', 'your ')}.",
        )
    yes = "Yes. " if whether else ""
    return Route(Origin.REMEMBERED, f"{yes}{listed(told)}", remembered=turns_of(told))


def as_it_was(question: Question, known: Sequence[Recalled]) -> Route | None:
    """What was so before it changed, where it is known how it is now."""
    now = _best(replace(question, past=False), known)
    if not now:
        return None
    if not now[0].history:
        return Route(Origin.DECLINED, NOT_TOLD)
    text = f"{now[0].history[0]}, before. Now: {restate(now[0].fact.said)}"
    return Route(Origin.REMEMBERED, text, remembered=turns_of(now[:1]))


def all_wanted(said: str, known: Sequence[Recalled]) -> list[Recalled]:
    """Everything that is asked for, of oneself or one's family, the newest first; else nothing."""
    asked = plain(said)
    if _ALL.search(asked):
        return list(known[: -MOST_LISTED - 1 : -1])
    if not _ALL_OF_KIN.search(asked):
        return []
    names = {one.fact.value for one in known if one.fact.relation in ("name", "person")}
    of_kin = [one for one in known if _is_of_kin(one.fact, names)]
    return of_kin[: -MOST_LISTED - 1 : -1]


def _is_of_kin(fact: Fact, names: Collection[str]) -> bool:
    counted = fact.relation.removeprefix("count ")
    subject = {word.lower().removesuffix("s") for word in tokens(fact.subject)}
    return bool(subject & KIN) or counted in _STEMS_OF_KIN or fact.subject in names


_STEMS_OF_KIN = frozenset(map(stem, KIN))


def listed(found: Sequence[Recalled]) -> str:
    """What was told, in the second person, each sentence once."""
    return " ".join(dict.fromkeys(restate(one.fact.said) for one in found))


def turns_of(found: Sequence[Recalled]) -> tuple[str, ...]:
    """The turns it comes from, each once."""
    return tuple(dict.fromkeys(one.row.turn_id for one in found if one.row is not None))
