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
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from l2c.chat.recalled import (
    MOST_ANSWERS,
    Recalled,
    all_wanted,
    as_it_was,
    best,
    clearer,
    current,
    in_words,
    listed,
    of_sentences,
    of_the_named,
    pronoun_meant,
    turns_of,
    whether_told,
)
from l2c.chat.reckoning import reckoned, years_since
from l2c.chat.retelling import retold, said_with
from l2c.chat.router import Route
from l2c.chat.session_logger import SessionLogger
from l2c.conversation import Message, Origin, Role, TurnStatus
from l2c.errors import InvalidInput
from l2c.store.conversations import Conversations
from l2c.store.memory import MOST_BEFORE, Found, Memories, MemoryRow, Unread
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Rule, Speakers
from l2c.text import facts
from l2c.text.answering import answers
from l2c.text.asking import LIGHT, NOT_TOLD, TROUBLE, Question, ask
from l2c.text.beings import PEOPLE
from l2c.text.correcting import is_correction
from l2c.text.facts import Fact
from l2c.text.forgetting import is_forgetting, is_off_the_record
from l2c.text.lexicon import concepts, plain, searches, tokens
from l2c.text.referring import is_of_others
from l2c.text.restating import restate
from l2c.text.stories import reads_as_story

log = logging.getLogger(__name__)

MOST_IN_WINDOW = 12
"""Facts that stand in the window of a model elsewhere."""

AT_ONCE = 200
MOST_VALUE = 200

MOST_SPELLINGS = 6
"""Ways to spell a question's words that past turns are searched for: "sold" where "sell" is."""

_OF_LE = re.compile(
    r"\b(?:do|did|would|will|are|were|have) you (?:\w+ )?(?:think|like|love|feel|believe|want|hate|"
    r"prefer|enjoy|mean)\b|\bwhat (?:do|are|will|did) we (?:\w+ )?(?:talk|chat|speak)",
    re.IGNORECASE,
)
"""What asks for the opinion of `le`, which nothing told answers."""

FORGOTTEN = (
    "All right, I no longer count on it: {what} The words stay in our conversation, and a lesson "
    "may practise them. "
    'To have them erased and unlearned, choose "Forget this" in the menu of their turn.'
)
NOT_NOTED = (
    "I remember nothing of it as a fact. If it stands in our conversation and should go, "
    'choose "Forget this" in the menu of its turn.'
)
OFF_THE_RECORD = (
    "All right, I keep that out of my memory, and no lesson learns it. The words stay in our "
    'conversation; to have them erased, choose "Forget this" in the menu of their turn.'
)

_WHETHER = re.compile(
    r"^(?:(?:so|and|but|ok|then)\W+)*"
    r"(?:do (?:i|we) (?:still |also |really )?(?:have(?! to\b)|own|like|drink|eat|play|speak|"
    r"live|work|drive|smoke)|have (?:i|we) got|am i (?:married|a|an))\b",
    re.IGNORECASE,
)
"""What asks for yes or no, and only somebody who was told could say."""

_OF_ONESELF = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)
_SAYS_IT_WAS_NOT_TOLD = re.compile(
    r"^(?:I|we) (?:did|have) not (?:tell|told|say|said|mention)", re.I
)

Rules = Mapping[Speaker, Rule]
"""What each speaker's words may become, as `l2c.store.speakers` has it."""


class Memory:
    """What one user told."""

    def __init__(
        self,
        memories: Memories,
        conversations: Conversations,
        speakers: Speakers,
        logger: SessionLogger | None = None,
        *,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._memories = memories
        self._conversations = conversations
        self._speakers = speakers
        self._logger = logger
        self._clock = clock

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
        """Give a fact another value, in the user's own words: it is said anew where it was told.

        So it is another fact, told now, and the old value its history. Where no words do that and
        nothing else (`l2c.chat.retelling`) only the row changes and is `edited`: the weights keep
        what was said. Raises `NotFound`, `InvalidInput`, and `Busy` while an answer is being
        written in its conversation.
        """
        value = " ".join(value.split())
        if not value or len(value) > MOST_VALUE:
            raise InvalidInput(f"A value must have 1 to {MOST_VALUE} characters.")
        rules = self._speakers.rules()
        self.catch_up(rules)
        row = self._memories.get(memory_id)
        if value == row.value:
            return self.get(memory_id)
        sentence = self._retold(row, value) if rules[Speaker.USER].memory else None
        if sentence is not None:
            return self._say(sentence, row.conversation_id, rules)
        self._memories.change(memory_id, value=value, said=said_with(_fact(row), value))
        return self.get(memory_id)

    def _retold(self, row: MemoryRow, value: str) -> str | None:
        """What to say in its conversation so that only this fact has another value."""
        told = self._memories.told()
        there = [_fact(one) for one in told if one.conversation_id == row.conversation_id]
        return retold([_fact(one) for one in told], told.index(row), value, there[-MOST_BEFORE:])

    def _say(self, sentence: str, conversation_id: str, rules: Rules) -> Recalled:
        """Let the user say this in a conversation, and acknowledge it; the fact it tells."""
        model = self._conversations.get(conversation_id).model
        begun = self._conversations.begin_exchange(conversation_id, sentence, model=model)
        self.catch_up(rules)
        (new,) = (one for one in self._known() if one.row and one.row.turn_id == begun.user.id)
        self._conversations.finish(
            begun.answer.id,
            status=TurnStatus.COMPLETE,
            text=f"All right. {_received(new.fact)}",
            origin=Origin.REMEMBERED,
            remembered=(begun.user.id,),
        )
        if self._logger is not None:
            self._logger.note(conversation_id)
        return new

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
        if newest := all_wanted(messages[-1].text, known):
            return Route(Origin.REMEMBERED, listed(newest), remembered=turns_of(newest))
        if said_so := self._unremembered(messages, turn_id):
            return said_so
        if was_told := whether_told(messages[-1].text, known):
            return was_told
        if by_reckoning := reckoned(messages, known, self._clock().date()):
            return by_reckoning
        question = None if _OF_LE.search(messages[-1].text) else ask(messages[-1].text)
        if question is None and (found := pronoun_meant(messages, known)):
            return Route(Origin.REMEMBERED, listed(found[:1]), remembered=turns_of(found[:1]))
        of = of_sentences(messages, known) if question is None and turn_id is not None else ()
        for asked, answered in of:
            quoted = self._quoted(asked, known)
            if told := [one for one in quoted if answered.search(one.fact.said)]:
                return Route(Origin.REMEMBERED, listed(told), remembered=turns_of(told))
        if question is None:
            return _acknowledged(messages[-1].text, known, turn_id)
        found = best(question, known)
        if is_of_others(messages[-1].text):
            found = [one for one in found if not one.fact.of_speaker]
        found = found or pronoun_meant(messages, known)
        if not found and question.past and (was := as_it_was(question, known)):
            return was
        if not found and turn_id is not None:
            found = self._quoted(question, known)
        if found:
            since = years_since(messages[-1].text, found, self._clock().date())
            text = f"{in_words(question, found)}{since}"
            return Route(Origin.REMEMBERED, text, remembered=turns_of(found))
        personal = _is_personal(question) or any(of_the_named(question, known))
        personal = personal or _WHETHER.search(messages[-1].text) is not None
        if not (personal or reads_as_story(messages[-2].text if len(messages) > 1 else "")):
            personal = any(clearer(messages, known))
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

    def _unremembered(self, messages: Sequence[Message], turn_id: str | None) -> Route | None:
        """What is said to a turn that wants something forgotten, or not remembered."""
        said = plain(messages[-1].text)
        if is_off_the_record(said):
            return Route(Origin.COMPUTED, OFF_THE_RECORD)
        if not is_forgetting(said):
            return None
        if turn_id is None:
            here = [one.fact for one in _said_in(messages[:-1])]
            over = [fact for fact in facts.find(messages[-1].text, here) if fact.ended]
        else:
            rows = (row for row in self._memories.told() if row.turn_id == turn_id)
            over = [_fact(row) for row in rows if row.ended]
        what = " ".join(dict.fromkeys(restate(fact.said) for fact in over))
        return Route(Origin.COMPUTED, FORGOTTEN.format(what=what) if over else NOT_NOTED)

    def _known(self) -> list[Recalled]:
        """Every fact that counts as far as turns were looked through, in the order of telling."""
        return current([(_fact(row), row) for row in self._memories.told()])

    def _told_in(self, turn: Unread) -> list[Fact]:
        """The facts of a turn, which may refer to those before it."""
        everything = is_forgetting(plain(turn.text))
        before = self._memories.before(turn) if turn.depth > 1 and not everything else []
        before = self._memories.told() if everything else before
        return facts.find(turn.text, [_fact(row) for row in before])

    def _quoted(self, question: Question, known: Sequence[Recalled]) -> list[Recalled]:
        """Sentences of past turns that answer, though no fact was found in them.

        What was replaced or ended since is not quoted.
        """
        queries = searches(question.ideas - (question.sort - TROUBLE), MOST_SPELLINGS)
        limit = AT_ONCE // 10
        hits = (hit for one in queries for hit in self._conversations.search(one, limit=limit))
        holding = {one.row.id for one in known if one.row is not None}
        told = (row for row in self._memories.told() if not row.ended)
        over = {row.turn_id for row in told if row.id not in holding}
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
                beings = [w for w in tokens(sentence) if w.lower().removesuffix("'s") in PEOPLE]
                several = len(question.ideas - LIGHT - question.sort) > 1
                of_others = not (question.checks and question.own) and (beings or several)
                personal = of_others or _OF_ONESELF.search(sentence)
                if personal and facts.is_telling(sentence) and facts.is_meant(turn.text):
                    loose = Fact(" ".join(beings), "", "", sentence)
                    if answers(question, loose) > 0:
                        found.append(Recalled(loose, row))
        return found[:1]


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
        part
        for part in facts.sentences(said)
        if len(part.split()) > 2 and not (is_correction(part) or _SAYS_IT_WAS_NOT_TOLD.match(part))
    ]
    if not new or len(telling) > len(new) or "?" in plain(facts.asked_to_learn(said)):
        return None
    sentences = list(dict.fromkeys(_received(one.fact) for one in new))[:MOST_ANSWERS]
    if any(one.history for one in new):
        return Route(Origin.REMEMBERED, f"All right. {' '.join(sentences)}")
    how_long = " while we talk" if turn_id is None else ""
    return Route(Origin.REMEMBERED, f"{' '.join(sentences)} I will remember that{how_long}.")


def _received(fact: Fact) -> str:
    own_name = not fact.subject and fact.relation == "name"
    name = f"{fact.value[:1].upper()}{fact.value[1:]}"
    return f"Nice to meet you, {name}." if own_name else restate(fact.said)


def _is_personal(question: Question) -> bool:
    """Whether only somebody who was told could answer it."""
    return (
        question.own
        and not question.checks
        and bool(question.ideas - {"do", "job"} or question.forms)
    )


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
