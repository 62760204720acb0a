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

from l2c.text.kinds import JOKE, STORY, follow_up, is_remark, kind_of
from l2c.text.known import Exchange, Knowledge
from l2c.text.lexicon import listed
from l2c.text.likeness import Likeness, Near, meanings, spelt_out

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

MISSED = 0.2
BROUGHT = 0.15
"""How much of a likeness is lost where a line has none of the words that carry a message, and
where none of the words that carry the line are in the message."""

IN_PART = 0.9
"""What is left where only one sentence of a message is like a line."""

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
_ABOUT = re.compile(
    r"\b(?:about|with|of) (?P<article>(?:an?|the|my|our|some)\b)? ?(?P<name>[\w' -]{2,40}?)"
    r"(?= (?:please|who|that|which|called|named|for|in|on|and)\b|[,.!?]|$)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SENTENCES = re.compile(r"[.!?;:]+\s+|,\s+|\s+[-\u2013\u2014]\s+")


@dataclass(frozen=True, slots=True)
class Meant:
    """A practised wording, the answers that belong to it, and how sure it is, in [0, 1].

    `itself`: it is a question about `le`, and the answer is no practised one, but what is true of
    the program. `told_by_heart`: it is a story, of which a model knows the words and loses the end.
    """

    line: str
    answers: tuple[str, ...]
    similarity: float
    itself: bool = False
    told_by_heart: bool = False


class Practice:
    """Everything that was practised. Built once, in seconds; read by many threads.

    `itself` are questions about `le` with what is true of the program; `remarks` are answers to
    what somebody tells, whatever it is; `tale` is a story about any `{hero}`.
    """

    def __init__(
        self,
        exchanges: Sequence[Exchange] = (),
        *,
        itself: Mapping[str, str] | None = None,
        knowledge: Knowledge | None = None,
        remarks: Sequence[str] = (),
        tale: str = "",
    ) -> None:
        self._knowledge = knowledge or Knowledge({}, {}, {})
        self._remarks = tuple(remarks)
        self._tale = tale
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
        if _MORE.match(text) and before in self._told:
            return self._story("", None) if self._told[before] == STORY else self._kind(JOKE)
        whole = self._near(text, before)
        if whole is not None and whole.similarity >= IN_PART:
            return whole
        known = self._knowledge.asked(text)
        if known is not None:
            return Meant(known.said, (known.answer,), 1.0)
        enough = SURELY if kind is not None and kind.own else NEAR
        if whole is not None and whole.similarity >= enough:
            return whole
        part = self._near_in_part(text, before)
        return part if kind is None else self._kind(kind.line)

    def guess(self, text: str, before: str = "") -> Meant | None:
        """The practised wording a message may mean, where it is not plain that it means another."""
        near = self._near(text, before)
        return near if near is not None and near.answers and near.similarity >= PERHAPS else None

    def question(self, text: str) -> str | None:
        """What may be asked about what somebody tells, where a cue says what to ask."""
        return follow_up(text) if self._remarks and is_remark(text) else None

    def remark(self, text: str) -> Meant | None:
        """What may be answered to anything somebody tells of oneself."""
        said = _after_greeting(text)[1]
        if not self._remarks or not is_remark(said):
            return None
        question = follow_up(said)
        return Meant(REMARK, self._remarks if question is None else (question,), 0.0)

    def _near(self, text: str, before: str) -> Meant | None:
        """The practised line most like a text, in this place of a talk."""
        best: Meant | None = None
        for near in self._likeness.nearest_of(text, CANDIDATES):
            found = self._found(near, before)
            found = replace(found, similarity=found.similarity * _covered(text, near.line))
            if bool(_OWN.search(text)) is not bool(_OWN.search(near.line)):
                found = replace(found, similarity=found.similarity * OF_SOMEBODY_ELSE)
            nearer = best is None or found.similarity > best.similarity
            if nearer and found.answers and _same_particulars(text, near.line):
                best = found
        if best is not None and _bare(best.line) == _bare(text):
            return replace(best, line=text)  # the same words, whatever stands around them
        return best

    def _found(self, near: Near, before: str) -> Meant:
        key = _key(near.line)
        if key in self._itself:
            return Meant(near.line, (self._itself[key],), near.similarity, itself=True)
        opens = any(one.before in ("", before) for one in self._exchanges[key])
        fits = near.similarity if opens else near.similarity * IN_A_TALK
        return Meant(near.line, self._answers(near.line, before), fits)

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
        here = [one.answer for one in practised if before and one.before == before]
        opening = [one.answer for one in practised if not one.before]
        elsewhere = [] if here or opening else practised
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
        hero = _hero(text)
        if self._tale and hero and most <= len(wished):
            return Meant(STORY, (self._tale.format(hero=hero),), 1.0, told_by_heart=True)
        return Meant(best, self._stories(best), 1.0, told_by_heart=True)

    def _stories(self, line: str) -> tuple[str, ...]:
        key = _key(line)
        return tuple(one.answer for one in self._exchanges.get(key, []) if _tells(key, one))


def _hero(text: str) -> str:
    """Whom a story is wished about, as a sentence begins with it; empty where nobody is named."""
    found = _ABOUT.search(text)
    if not found:
        return ""
    article, name = (found["article"] or "").lower(), found["name"].strip()
    if not article and not name.endswith("s"):
        return name if name[:1].isupper() else ""
    if not article:
        article, name = "a", name.removesuffix("s")
    article = {"my": "your", "our": "your", "some": "a"}.get(article, article)
    return f"{article[:1].upper()}{article[1:]} {name}"


def _after_greeting(text: str) -> tuple[str, str]:
    """A greeting at the beginning of a message that goes on, and what follows."""
    found = _GREETING.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


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
