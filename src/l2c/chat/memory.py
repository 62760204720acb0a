"""Remembering what was told: at once, in every later conversation, in the user's own words.

Beside the weights, which learn slowly, this is the fast memory. Turns are looked through for facts
(`l2c.text.facts`) when something is said or asked, so that what was told a second ago is known. A
question about oneself is answered from them (`remembered`, with the turns it comes from), or, when
nothing fits, from a sentence of a past turn that the search finds; and honestly, "You have not
told me", when there is none. A newer value takes the place of an older one. A larger model
elsewhere reads what was told about its question in its window.

Only turns of the user count, none of temporary conversations, none that were kept out of learning,
and none at all where the user's words may not be remembered (`l2c.store.speakers`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product

from l2c.chat.router import Route
from l2c.conversation import Message, Origin, Role
from l2c.errors import InvalidInput
from l2c.store.conversations import Conversations
from l2c.store.memory import Found, Memories, MemoryRow, Unread
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Rule, Speakers
from l2c.text import facts
from l2c.text.answering import OPPOSITE, answers, denies, says_all
from l2c.text.asking import LIGHT, NOT_TOLD, Question, ask
from l2c.text.correcting import is_correction
from l2c.text.facts import Fact
from l2c.text.lexicon import PEOPLE, concepts, spellings, tokens
from l2c.text.restating import restate
from l2c.text.standing import standing

log = logging.getLogger(__name__)

MOST_ANSWERS, MOST_TASTES = 3, 8
"""Facts one answer gives when several fit equally well, and when they say what somebody likes."""

MOST_IN_WINDOW = 12
"""Facts that stand in the window of a model elsewhere."""

AT_ONCE = 200
SOON = 80
"""Characters within which an answer must have said the value."""

MOST_VALUE = 200

MOST_SPELLINGS = 6
"""Ways to spell a question's words that past turns are searched for: "sold" where "sell" is."""

_ALL = re.compile(
    r"\bwhat (?:do|did|can) (?:you|u) (?:still )?(?:know|remember|recall)"
    r"(?: (?:about|of) (?:me|us))?\W*$|"
    r"\bwhat (?:have i told|did i tell) you(?: (?:about me|so far))?\W*$|"
    r"\btell me (?:something |everything |all |what you know )?about (?:me|myself)\W*$",
    re.IGNORECASE,
)
"""What asks for all that was told."""

_OF_LE = re.compile(
    r"\b(?:do|did|would|will|are|were|have) you (?:\w+ )?(?:think|like|love|feel|believe|want|hate|"
    r"prefer|enjoy|mean)\b",
    re.IGNORECASE,
)
"""What asks for the opinion of `le`, which nothing told answers."""

Rules = Mapping[Speaker, Rule]
"""What each speaker's words may become, as `l2c.store.speakers` has it."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A fact that counts; `row` is None for one that only this conversation holds.

    `history` are the values it had before, the newest first.
    """

    fact: Fact
    row: MemoryRow | None
    history: tuple[str, ...] = ()


class Memory:
    """What one user told."""

    def __init__(
        self, memories: Memories, conversations: Conversations, speakers: Speakers
    ) -> None:
        self._memories = memories
        self._conversations = conversations
        self._speakers = speakers

    def all(self) -> list[Recalled]:
        """Every fact that counts now with its history, the newest first."""
        self.catch_up(self._speakers.rules())
        return self._known()[::-1]

    def get(self, memory_id: str) -> Recalled:
        """One of them. Raises `NotFound`."""
        row = self._memories.get(memory_id)
        same = [one for one in self.all() if one.row is not None and one.row.id == memory_id]
        return same[0] if same else Recalled(_fact(row), row)

    def change(self, memory_id: str, value: str) -> Recalled:
        """Give a fact another value, in the user's own words. Raises `NotFound`, `InvalidInput`."""
        value = " ".join(value.split())
        if not value or len(value) > MOST_VALUE:
            raise InvalidInput(f"A value must have 1 to {MOST_VALUE} characters.")
        row = self._memories.get(memory_id)
        said = row.said.replace(row.value, value) if row.value in row.said else value
        self._memories.change(memory_id, value=value, said=said)
        return self.get(memory_id)

    def delete(self, memory_id: str) -> None:
        """Forget a fact and the values it had before. Raises `NotFound`."""
        wanted = _fact(self._memories.get(memory_id))
        same = [row.id for row in self._memories.told() if _fact(row).topic == wanted.topic]
        alone = not wanted.single
        self._memories.delete([memory_id] if alone else [*{*same, memory_id}])

    def catch_up(self, rules: Rules) -> None:
        """Look through the turns that nobody looked through yet."""
        allowed = rules[Speaker.USER].memory
        while unread := self._memories.unread(limit=AT_ONCE):
            for turn in unread:
                found = self._told_in(turn) if allowed else []
                if found or (turn is unread[-1] and len(unread) == AT_ONCE):
                    self._memories.keep(turn, [_found(turn, fact) for fact in found])
            if len(unread) < AT_ONCE:
                self._memories.pass_over(unread[-1])
                return

    def answer(
        self, messages: Sequence[Message], rules: Rules, *, turn_id: str | None
    ) -> Route | None:
        """How the last message, the user's, is answered where something told says it.

        `turn_id` is that message; None in a temporary conversation, which remembers nothing but
        itself. What was told since `catch_up` is not known.
        """
        if not rules[Speaker.USER].memory:
            return None
        known = _said_in(messages) if turn_id is None else self._known()
        if known and _ALL.search(messages[-1].text):
            newest = known[: -MOST_TASTES - 1 : -1]
            return Route(Origin.REMEMBERED, _listed(newest), remembered=_turns(newest))
        question = None if _OF_LE.search(messages[-1].text) else ask(messages[-1].text)
        if question is None:
            return _acknowledged(messages[-1].text, known, turn_id)
        found = best(question, known)
        if not found and question.past and (was := _before(question, known)):
            return was
        if not found and turn_id is not None:
            found = self._quoted(question, known)
        if found:
            return Route(Origin.REMEMBERED, _answer(question, found), remembered=_turns(found))
        personal = _is_personal(question) or any(_of_the_named(question, known))
        return Route(Origin.DECLINED, NOT_TOLD) if personal else None

    def for_window(self, said: str, rules: Rules) -> str:
        """What a model elsewhere is shown beside a message, the newest last; empty for nothing.

        What was told since `catch_up` is not among it.
        """
        if not rules[Speaker.USER].memory:
            return ""
        ideas = set(concepts(said)) - LIGHT
        near = [
            one
            for one in self._known()[::-1]
            if ideas & {*concepts(one.fact.said), *concepts(one.fact.subject)}
        ]
        if not near:
            return ""
        lines = [
            f"- {one.row.told_at[:10]}: {one.fact.said}"
            for one in near[:MOST_IN_WINDOW][::-1]
            if one.row is not None
        ]
        return "What the user told in earlier conversations, in their own words:\n" + "\n".join(
            lines
        )

    def _known(self) -> list[Recalled]:
        """Every fact that counts as far as turns were looked through, in the order of telling."""
        return current([(_fact(row), row) for row in self._memories.told()])

    def _told_in(self, turn: Unread) -> list[Fact]:
        """The facts of a turn, which may refer to those before it."""
        before = self._memories.before(turn) if turn.depth > 1 else []
        return facts.find(turn.text, [_fact(row) for row in before])

    def _quoted(self, question: Question, known: Sequence[Recalled]) -> list[Recalled]:
        """Sentences of past turns that answer, though no fact was found in them.

        What was replaced or ended since is not quoted.
        """
        words = [idea for idea in sorted(question.ideas - question.sort) if idea.isalpha()][:8]
        if not words:
            return []
        spelt = islice(product(*map(spellings, words)), MOST_SPELLINGS)
        queries = (" ".join(f"{word}*" for word in one) for one in spelt)
        limit = AT_ONCE // 10
        hits = (hit for one in queries for hit in self._conversations.search(one, limit=limit))
        holding = {one.row.turn_id for one in known if one.row is not None}
        over = {row.turn_id for row in self._memories.told() if not row.ended} - holding
        hidden = self._memories.turns_with_deleted() | over
        found: list[Recalled] = []
        for hit in hits:
            if hit.role is not Role.USER or hit.turn_id in hidden:
                continue
            turn = self._conversations.turn(hit.turn_id)
            if not (turn.learn and self._conversations.get(hit.conversation_id).learn):
                continue
            row = _row_of_turn(turn.id, turn.conversation_id, turn.created_at)
            for sentence in facts.sentences(turn.text):
                if facts.is_telling(sentence) and not facts.is_joke(turn.text):
                    beings = [w for w in tokens(sentence) if w.lower().removesuffix("'s") in PEOPLE]
                    loose = Fact(" ".join(beings), "", "", sentence)
                    if answers(question, loose) > 0:
                        found.append(Recalled(loose, row))
        return found[:1]


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
    asked = [question, *_of_the_named(question, known)]
    return next((found for one in asked if (found := _best(one, known))), [])


def _of_the_named(question: Question, known: Sequence[Recalled]) -> Iterator[Question]:
    """The question with whom a name stands for, in place of the name; the newest name first."""
    for fact in (one.fact for one in reversed(known)):
        name = frozenset(concepts(fact.value))
        if fact.relation == "name" and fact.subject and name and name <= question.ideas:
            yield replace(question, ideas=(question.ideas - name) | {*concepts(fact.subject)})


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


def _answer(question: Question, found: Sequence[Recalled]) -> str:
    """What was told, in the second person; the value first where it would come late."""
    sentences = []
    for one in found:
        sentence = restate(one.fact.said)
        if sentence.find(one.fact.value) + len(one.fact.value) > SOON:
            sentence = f"{one.fact.value}. {sentence}"
        sentences.append(sentence)
    if question.checks and says_all(question, found[0].fact):
        sentences.insert(0, "No." if denies(question, found[0].fact) else "Yes.")
    return " ".join(dict.fromkeys(sentences))


def _before(question: Question, known: Sequence[Recalled]) -> Route | None:
    """What was so before it changed, where it is known how it is now."""
    now = _best(replace(question, past=False), known)
    if not now:
        return None
    if not now[0].history:
        return Route(Origin.DECLINED, NOT_TOLD)
    text = f"{now[0].history[0]}, before. Now: {restate(now[0].fact.said)}"
    return Route(Origin.REMEMBERED, text, remembered=_turns(now[:1]))


def _listed(found: Sequence[Recalled]) -> str:
    return " ".join(dict.fromkeys(restate(one.fact.said) for one in found))


def _said_in(messages: Sequence[Message]) -> list[Recalled]:
    """What a conversation itself tells, where nothing of it is kept."""
    here: list[Fact] = []
    for message in messages:
        if message.role is Role.USER:
            here += facts.find(message.text, here)
    return current([(fact, None) for fact in here])


def _acknowledged(said: str, known: Sequence[Recalled], turn_id: str | None) -> Route | None:
    """What is said to a turn that tells nothing but facts; None to any other turn."""
    if turn_id is None:
        new = [Recalled(fact, None) for fact in facts.find(said) if not fact.ended]
    else:
        new = [one for one in known if one.row is not None and one.row.turn_id == turn_id]
    telling = [
        part for part in facts.sentences(said) if len(part.split()) > 2 and not is_correction(part)
    ]
    if not new or len(telling) > len(new) or "?" in said:
        return None
    sentences = list(dict.fromkeys(_received(one.fact) for one in new))[:MOST_ANSWERS]
    if any(one.history for one in new):
        return Route(Origin.REMEMBERED, f"All right. {' '.join(sentences)}")
    how_long = " while we talk" if turn_id is None else ""
    return Route(Origin.REMEMBERED, f"{' '.join(sentences)} I will remember that{how_long}.")


def _received(fact: Fact) -> str:
    own_name = not fact.subject and fact.relation == "name"
    return f"Nice to meet you, {fact.value}." if own_name else restate(fact.said)


def _is_personal(question: Question) -> bool:
    """Whether only somebody who was told could answer it."""
    return (
        question.own
        and not question.checks
        and bool(question.ideas - {"do", "job"} or question.forms)
    )


def _turns(found: Sequence[Recalled]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.row.turn_id for one in found if one.row is not None))


def _fact(row: MemoryRow) -> Fact:
    return Fact(row.subject, row.relation, row.value, row.said, row.replaces, row.ended)


def _found(turn: Unread, fact: Fact) -> Found:
    return Found(
        turn,
        fact.subject,
        fact.relation,
        fact.value,
        fact.said,
        replaces=fact.replaces,
        ended=fact.ended,
    )


def _row_of_turn(turn_id: str, conversation_id: str, told_at: str) -> MemoryRow:
    """Stands for a turn that is quoted as it is."""
    return MemoryRow(0, "", conversation_id, turn_id, "", "", "", "", False, False, False, told_at)
