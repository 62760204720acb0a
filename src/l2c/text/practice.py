"""What was practised that a message means, and the answers that belong to it.

A small model fails on wordings, not on matters. `Practice` knows every wording it practised with
its answers, and finds the one that a message means: by likeness as a whole, then sentence by
sentence ("you're a star, thanks"), by what is asked about in what is known by heart (opposites,
colours, meanings), and at last by its kind (`l2c.text.kinds`). What belongs to a certain moment of
a talk is a worse answer elsewhere, and no name or number is lost or brought.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from l2c.text.kinds import JOKE, STORY, follow_up, is_remark, is_reply, kind_of
from l2c.text.known import Exchange, Knowledge
from l2c.text.lexicon import listed
from l2c.text.likeness import Likeness, Near, asks, meanings, spelt_out
from l2c.text.restating import said_back
from l2c.text.tales import Tales

NEAR = 0.58
"""How like a practised wording has to be, at least, to be taken for it."""

IN_A_TALK = 0.7
"""What is left of the likeness of a line that was said in the middle of another talk."""

PERHAPS = 0.42
"""How like it has to be where the model knows nothing better to say."""

SURELY = 0.7
"""How like it has to be where the kind of a message says something else."""

OF_SOMEBODY_ELSE = 0.85
"""What is left of the likeness of a line about `le` for a message about oneself, or reversed."""

DENIED = 0.8
"""What is left of it where one says "not" and the other does not."""

MISSED = 0.2
BROUGHT = 0.15
"""How much of a likeness is lost where a line has none of the words that carry a message, and
where none of the words that carry the line are in the message."""

IN_PART = 0.9
"""What is left where only one sentence of a message is like a line."""

AFTER_STORY, AFTER_GREETING = "(a story)", "(how are you)"
"""What stands for the answer before, where any story was told, or was asked how somebody is."""

REMARK = "I have something to tell you."
"""What anything somebody tells is read as, where no more of it was understood."""

LEAST_PART = 0.3
"""How much of a message a sentence must be to speak for it."""

CANDIDATES = 12
LEAST_SENTENCES = 3
"""Of a story."""


_SENTENCE_ENDS = re.compile(r"[.!?](?:\s|$)")
_PARTICULAR = re.compile(r"(?<=[^.!?\s] )[A-Z][\w']+|\d+")
_OWN = re.compile(r"\b(?:i|i'm|i've|im|ive|me|my|mine|we|we're|our|us)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^(?:hello|hi|hey|hiya|good (?:morning|evening|afternoon|day))(?: (?:there|le|again))?[,.!]+ "
    r"(?=\S+ \S+ \S)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:and|please|ok|haha|nice|great|good|tell me|give me)\W+)*"
    r"(?:another|one more|more|again|next one)\b(?:\W+\w+){0,3}\W*$",
    re.IGNORECASE,
)
_ASKED_YOU = re.compile(r"\b(?:do|did|are|were|will|would|can|have|makes?) you\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|u|ur)\b", re.IGNORECASE)
_HOW = re.compile(
    r"\bhow (?:are you|is it going|have you been|do you feel|was your day|was yours|is your day)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|no)\b|n't\b", re.IGNORECASE)
_BARE = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SENTENCES = re.compile(r"[.!?;:]+\s+|,\s+|\s+[-\u2013\u2014]\s+")


@dataclass(frozen=True, slots=True)
class Meant:
    """A practised wording, the answers that belong to it, and how sure it is, in [0, 1].

    `itself`: it is a question about `le`, and the answer is no practised one, but what is true of
    the program. `told_by_heart`: it is a story, of which a model knows the words and loses the end.
    `passing`: it is small talk, which tells nothing to be kept.
    """

    line: str
    answers: tuple[str, ...]
    similarity: float
    itself: bool = False
    told_by_heart: bool = False
    passing: bool = False


class Practice:
    """Everything that was practised. Built once, in seconds; read by many threads.

    `itself` are questions about `le` with what is true of the program; `passing` is small talk;
    `remarks` are answers to what somebody tells, and `heard` to what somebody replies to a
    question, whatever it is; `more` asks on after it; `tales` are stories about anybody.
    """

    def __init__(
        self,
        exchanges: Sequence[Exchange] = (),
        *,
        itself: Mapping[str, str] | None = None,
        knowledge: Knowledge | None = None,
        passing: Sequence[Exchange] = (),
        remarks: Sequence[str] = (),
        heard: Sequence[str] = (),
        more: Sequence[str] = (),
        tales: Tales | None = None,
    ) -> None:
        self._knowledge = knowledge or Knowledge({}, {}, {})
        self._remarks = tuple(remarks)
        self._heard = tuple(heard)
        self._more = tuple(more)
        self._tales = tales or Tales()
        self._passing = frozenset(_key(one.said) for one in passing)
        exchanges = [*passing, *exchanges]
        self._told = {
            one.answer: STORY if _tells(_key(one.said), one) else JOKE
            for one in exchanges
            if _tells(_key(one.said), one) or "joke" in _key(one.said)
        }
        self._exchanges: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in exchanges:
            self._exchanges[_key(exchange.said)].append(exchange)
        self._itself = {_key(asked): says for asked, says in (itself or {}).items()}
        lines: dict[str, str] = {}
        for line in (*(exchange.said for exchange in exchanges), *(itself or {})):
            key = _key(line)
            if key not in lines or (_bare(line) == key != _bare(lines[key])):
                lines[key] = line  # "How are you?" speaks for "how are u", not the other way
        self._likeness = Likeness(list(lines.values()))

    def nearest(self, text: str) -> Near:
        """The wording most like a text, whatever it belongs to."""
        return self._likeness.nearest(text)

    def answers(self) -> frozenset[str]:
        """Every answer that was practised."""
        return frozenset(one.answer for said in self._exchanges.values() for one in said)

    def meant(self, text: str, before: str = "") -> Meant | None:
        """What a message means that follows on `before`, the last answer; None where it is new."""
        found = self._meant(text, before)
        return found if found is not None and found.answers else None

    def _meant(self, text: str, before: str) -> Meant | None:
        greeting, rest = _after_greeting(text)
        if greeting and ((further := self.meant(rest, before)) is not None or is_remark(rest)):
            return further
        kind = kind_of(text)
        if kind is not None and kind.line == STORY:
            return self._story(text, self._near(text, before))
        told = self._told.get(before) or (STORY if _reads_as_story(before) else None)
        if _MORE.match(text) and told is not None:
            return self._kind(JOKE) if told == JOKE else self._story(text, None)
        replies = _replies(text, before)
        whole = self._near(text, before)
        if replies and whole is not None and asks(whole.line):
            whole = None
        if whole is not None and whole.similarity >= IN_PART:
            return whole
        known = None if replies else self._knowledge.asked(text)
        if known is not None:
            return Meant(known.said, (known.answer,), 1.0)
        if self._knowledge.is_of(text):
            return None
        enough = SURELY if replies or (kind is not None and kind.own) else NEAR
        if whole is not None and whole.similarity >= enough:
            return whole
        if kind is not None:
            return self._kind(kind.line)
        return None if replies else self._near_in_part(text, before)

    def guess(self, text: str, before: str = "") -> Meant | None:
        """The practised wording a message may mean, where it is not plain that it means another."""
        near = None if self._knowledge.is_of(text) else self._near(text, before)
        return near if near is not None and near.answers and near.similarity >= PERHAPS else None

    def question(self, text: str) -> str | None:
        """What may be asked about what somebody tells: by a cue, or anything more."""
        asked = follow_up(text)
        if not is_remark(text) or not (asked or self._more):
            return None
        return asked or self._more[crc32(text.encode()) % len(self._more)]

    def remark(self, text: str, before: str = "") -> Meant | None:
        """What may be answered to anything somebody tells of oneself, or replies to a question."""
        said = _after_greeting(text)[1]
        fitting = self._heard if _replies(text, before) else self._remarks
        if not fitting or not (is_remark(said) or fitting is self._heard):
            return None
        question = follow_up(said)
        if question is None and fitting is self._heard:
            return Meant(REMARK, fitting, 0.0)
        answers = fitting if question is None else (question,)
        return Meant(REMARK, tuple(f"{said_back(said)}{one}" for one in answers), 0.0)

    def _near(self, text: str, before: str) -> Meant | None:
        """The practised line most like a text, in this place of a talk."""
        best: Meant | None = None
        for near in self._likeness.nearest_of(text, CANDIDATES):
            found = self._found(near, before)
            found = replace(found, similarity=found.similarity * _covered(text, near.line))
            if not asks(text) and bool(_NOT.search(text)) is not bool(_NOT.search(near.line)):
                found = replace(found, similarity=found.similarity * DENIED)
            if _of_another(text, near.line):
                found = replace(found, similarity=found.similarity * OF_SOMEBODY_ELSE)
            nearer = best is None or found.similarity > best.similarity
            fits = _same_particulars(text, near.line) and not _opposed(text, near.line)
            if nearer and found.answers and fits:
                best = found
        if best is not None and _bare(best.line) == _bare(text):
            return replace(best, line=text)  # the same words, whatever stands around them
        return best

    def _found(self, near: Near, before: str) -> Meant:
        key = _key(near.line)
        if key in self._itself:
            return Meant(near.line, (self._itself[key],), near.similarity, itself=True)
        opens = any(one.before in ("", *_places(before)) for one in self._exchanges[key])
        fits = near.similarity if opens else near.similarity * IN_A_TALK
        answers = self._answers(near.line, before)
        return Meant(near.line, answers, fits, passing=key in self._passing)

    def _near_in_part(self, text: str, before: str) -> Meant | None:
        """The same for the sentences of a message, one by one."""
        parts = [part for part in _SENTENCES.split(text) if part.strip()]
        if len(parts) < 2:
            return None
        parts = [part for part in parts if len(part) >= LEAST_PART * len(text)]
        found = [meant for part in parts if (meant := self._near(part, before)) is not None]
        best = max(found, key=lambda one: one.similarity, default=None)
        if best is None or best.similarity * IN_PART < NEAR:
            return None
        return replace(best, similarity=best.similarity * IN_PART)

    def _answers(self, line: str, before: str) -> tuple[str, ...]:
        """The answers to a line: those in the same place of a talk before those of an opening."""
        practised = self._exchanges.get(_key(line), [])
        here = [one.answer for one in practised if before and one.before in _places(before)]
        opening = [one.answer for one in practised if not one.before]
        only_there = (AFTER_STORY, AFTER_GREETING)
        elsewhere = [one for one in practised if one.before not in only_there]
        elsewhere = [] if here or opening else elsewhere
        plain = [one.answer for one in elsewhere if particulars(one.answer) <= particulars(line)]
        return tuple(dict.fromkeys([*here, *opening, *plain]))

    def _kind(self, line: str) -> Meant:
        """The plain wording of a kind; to a sorrow nothing is said before one is sorry."""
        answers = self._answers(line, "")
        gentle = tuple(answer for answer in answers if "I am sorry" in answer)
        return Meant(line, gentle or answers, NEAR)

    def _story(self, text: str, near: Meant | None) -> Meant:
        """The story that has most of what a story is wished about, or one made for it."""
        if near is not None and near.similarity >= IN_PART and self._stories(near.line):
            return Meant(near.line, self._stories(near.line), 1.0, told_by_heart=True)
        wished = {word for word in spelt_out(text) if len(word) > 2} - _STORY_WORDS
        best, most = STORY, 0
        for key, exchanges in self._exchanges.items():
            for one in exchanges:
                asked, told = set(spelt_out(one.said)), set(spelt_out(one.answer))
                topics = len(wished & asked) + len(wished & (asked | told))
                if topics > most and _tells(key, one):
                    best, most = one.said, topics
        made = self._tales.told(text) if most <= len(wished) else None
        if made is not None:
            return Meant(STORY, (made,), 1.0, told_by_heart=True)
        return Meant(best, self._stories(best), 1.0, told_by_heart=True)

    def _stories(self, line: str) -> tuple[str, ...]:
        key = _key(line)
        return tuple(one.answer for one in self._exchanges.get(key, []) if _tells(key, one))


def _after_greeting(text: str) -> tuple[str, str]:
    """A greeting at the beginning of a message that goes on, and what follows."""
    found = _GREETING.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def _replies(text: str, before: str) -> bool:
    """Whether a message answers the question that was asked before it."""
    return before.rstrip().endswith("?") and is_reply(text)


def _places(before: str) -> tuple[str, ...]:
    """Where in a talk a message stands after this answer."""
    if _reads_as_story(before):
        return before, AFTER_STORY
    return (before, AFTER_GREETING) if _HOW.search(before) else (before,)


def _reads_as_story(text: str) -> bool:
    return "?" not in text and len(_SENTENCE_ENDS.findall(text)) >= LEAST_SENTENCES


def _of_another(text: str, line: str) -> bool:
    """Whether one is about oneself and the other is not, or `le` is asked and the line asks of
    somebody else."""
    if bool(_OWN.search(text)) is not bool(_OWN.search(line)):
        return True
    return _ASKED_YOU.search(text) is not None and _YOU.search(line) is None


def _opposed(text: str, line: str) -> bool:
    """Whether one is glad and the other is not, and neither says the opposite of its words."""
    if _NOT.search(text) or _NOT.search(line):
        return False
    said, known = _plain_words(text), _plain_words(line)
    return _mood(said) * _mood(known) < 0


def _mood(words: set[str]) -> int:
    return bool(words & _GLAD) - bool(words & _SORRY)


def _covered(text: str, line: str) -> float:
    """What is left of a likeness where words that carry one side are missing on the other."""
    said, known = meanings(text), meanings(line)
    carried, brought = said - _LIGHT, known - _LIGHT
    missed = len(carried - known) / max(len(carried), 1)
    return (1 - MISSED * missed) * (1 - BROUGHT * len(brought - said) / max(len(brought), 1))


def particulars(text: str) -> set[str]:
    """The names and numbers in a text, which no other wording may lose or bring."""
    return {found.lower() for found in _PARTICULAR.findall(text)} - _NO_NAMES


def _same_particulars(text: str, line: str) -> bool:
    return particulars(text) <= _plain_words(line) and particulars(line) <= _plain_words(text)


def _plain_words(text: str) -> set[str]:
    return {word.strip(".,!?;:'\"") for word in text.lower().split()}


def _tells(key: str, exchange: Exchange) -> bool:
    """Whether an exchange is a wish for a story and a story."""
    sentences = len(_SENTENCE_ENDS.findall(exchange.answer))
    return not exchange.before and "stor" in key and sentences >= LEAST_SENTENCES


def _key(text: str) -> str:
    return " ".join(spelt_out(text))


def _bare(text: str) -> str:
    """The words without case, and without marks around them."""
    return " ".join(_BARE.findall(text.lower()))


_NO_NAMES = listed("i i'm i've i'll i'd")
_GLAD = listed("good great happy lovely wonderful beautiful best easy fantastic glad")
_SORRY = listed("bad sad hard awful terrible worst horrible difficult ugly unhappy sorry")
_STORY_WORDS = listed("""
    tell story stories tale tales about the and please can could you would like hear one short
    little small with make another more know want for now nice good bedtime some any time read
    something give that once up who has have very long new me my called named
    """)
_LIGHT = meanings("""
    a an the and or but so to of in on at for with from by it its this that these those i me my you
    your we our he she they them is are am was were be been being do does did have has had can
    could will would shall should may might must not no what who whom which when where why how if
    then than as too also now today here there very really just please some any all more much get
    got go going le hey hi oh ok yes about up out into little bit time something thing again ever
    mean means meaning word call called define explain tell say use used name kind colour colours
    know think people
    """)
