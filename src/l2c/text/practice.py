"""What was practised that a message means, and the answers that belong to it.

A small model fails on wordings, not on matters. `Practice` knows every wording it practised with
its answers, and finds the one that a message means: by likeness as a whole, then sentence by
sentence ("you're a star, thanks"), by what is asked about in what is known by heart (opposites,
colours, meanings), and at last by its kind (`l2c.text.kinds`). What belongs to a certain moment of
a talk is a worse answer elsewhere, and no name or number is lost or brought.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from zlib import crc32

from l2c.text import emoji
from l2c.text.fitting import content, fits, left_of, particulars
from l2c.text.kinds import JOKE, STORY, Kind, is_remark, is_reply, kind_of
from l2c.text.likeness import Near, asks, key_of
from l2c.text.repertoire import Repertoire, bare
from l2c.text.restating import said_back
from l2c.text.stories import Stories, reads_as_story
from l2c.text.topics import follow_up

NEAR = 0.58
"""How like a practised wording has to be, at least, to be taken for it."""

IN_A_TALK = 0.7
"""What is left of the likeness of a line that was said in the middle of another talk."""

PERHAPS = 0.42
"""How like it has to be where the model knows nothing better to say."""

SURELY = 0.7
"""How like it has to be where the kind of a message says something else."""

PLAINLY = 0.8
"""How like it has to be where the message tells a feeling, thanks, or asks about `le`."""

IN_PART = 0.9
"""What is left where only one sentence of a message is like a line."""

AFTER_STORY, AFTER_GREETING, AFTER_QUESTION = "(a story)", "(how are you)", "(a question)"
"""What stands for the answer before, where any story was told, or was asked how somebody is, or
anything at all."""

ABOUT_STORY = "what does the story say about that"
"""What any question about a story that was told is read as."""

ASK = "ask me something"
"""What a wish to be asked stands for."""

UNCLEAR = "what do you mean by it"
"""What is read out of a message that begins a talk and does not say what it is about."""

MOST_WORDS_OF_A_WISH = 14

REMARK = "I have something to tell you."
"""What anything somebody tells is read as, where no more of it was understood."""

LEAST_PART = 0.3
"""How much of a message a sentence must be to speak for it."""

CANDIDATES = 12

_OF_STORIES = content("story")
_GREETING = re.compile(
    r"^(?:oh,? )?(?:hello|hi|hey|hiya|good (?:morning|evening|afternoon|day))"
    r"(?: (?:there|le|again))?[,.!]+ (?=\S+ \S+ \S)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:and|please|ok|haha|nice|great|good|tell me|give me)\W+)*"
    r"(?:another|one more|more|again|next one)\b(?:\W+\w+){0,3}\W*$",
    re.IGNORECASE,
)
_ONE_MORE = re.compile(
    r"\b(?:another|encore|next one|one more|once more|the same (?:about|with|of)|"
    r"(?:make|do|tell) it (?:about|with)|about an? \w+ instead|"
    r"one (?:about|with|of|where)|an? (?:\w+er|new|different|second|other|funny|short|long|sad|"
    r"happy|scary|nice) (?:one|story))\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r"^(?:oh )?(?:yes|yeah|yep|sure|ok|okay|please|of course|gladly|go on|go ahead|why not|"
    r"definitely|absolutely|i would|do|another one)\b(?:\W+\w+){0,4}\W*$",
    re.IGNORECASE,
)
_ABOUT_MINE = re.compile(r"\b(?:about|on) (my [\w' -]+)\W*$", re.IGNORECASE)
_UNCLEAR = re.compile(
    r"^(?:(?:please|can you|could you|would you|will you|and|so|but|just)\W+)*(?:"
    r"(?:do|fix|make|send|change|explain|repeat|finish|move|stop|open|find|give|show|take|put|try|"
    r"solve|check|use|undo|correct|tell me about|say) "
    r"(?:it|that|this|these|those|them|him|her|the \w+ one)\b(?:\W+\w+){0,3}"
    r"|(?:what|how) about (?:it|that|this|him|her|them|those|these|the \w+ one)"
    r"|(?:is|was|are|were|does|did|has|will|would|can|could) "
    r"(?:it|that|this|he|she|they|these|those)(?: \w+){1,2}"
    r"|(?:where|when|how \w+|why|who|which) (?:is|was|are|were|does|did|do|will) "
    r"(?:it|that|this|he|she|they|these|those)(?: \w+){0,2}"
    r"|which (?:one|ones)\b(?: \w+){0,3}|the (?:other|first|second|last|next) (?:one|thing)"
    r"|(?:he|she|they|it) \w+(?: \w+)?|and now|what now"
    r"|i (?:can't|cannot|couldn't|don't|didn't) \w+ (?:it|that|this|them)"
    r")(?: (?:please|now|then|again|for me))?\W*$",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\bhow (?:are you|is it going|have you been|do you feel|was your day|was yours|is your day)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(r"(?:and |so |but )?(?:when|where)\b", re.IGNORECASE)
_WHAT_IS = re.compile(r"what(?:'s| is| are) ", re.IGNORECASE)
_SENTENCES = re.compile(r"[.!?;:]+\s+|,\s+|\s+[-\u2013\u2014]\s+")


@dataclass(frozen=True, slots=True)
class Meant:
    """A practised wording, the answers that belong to it, and how sure it is, in [0, 1].

    `itself`: it is a question about `le`, and the answer is no practised one, but what is true of
    the program. `told_by_heart`: it is a story, of which a model knows the words and loses the end.
    `passing`: it is small talk, which tells nothing to be kept. `by_heart`: it is an opposite, a
    colour or a meaning and nothing more, whose answer is right whatever the model would write.
    """

    line: str
    answers: tuple[str, ...]
    similarity: float
    itself: bool = False
    told_by_heart: bool = False
    passing: bool = False
    by_heart: bool = False


class Practice:
    """What is answered out of everything that was practised; read by many threads."""

    def __init__(self, repertoire: Repertoire) -> None:
        sayings = repertoire.sayings
        self._knowledge = repertoire.knowledge
        self._remarks, self._heard = tuple(sayings.remarks), tuple(sayings.heard)
        self._more, self._general = sayings.more, frozenset(sayings.general)
        self._jokes, self._offered = frozenset(sayings.jokes), sayings.offered
        self._stories = Stories(repertoire.stories, sayings.tales)
        self._passing, self._exchanges = repertoire.passing, repertoire.exchanges
        self._itself = repertoire.itself
        self._likeness = repertoire.likeness

    def nearest(self, text: str) -> Near:
        """The wording most like a text, whatever it belongs to."""
        return self._likeness.nearest(text)

    def answers(self) -> frozenset[str]:
        """Every answer that was practised."""
        return frozenset(one.answer for said in self._exchanges.values() for one in said)

    def is_general(self, answer: str) -> bool:
        """Whether an answer fits anything at all and says nothing of the matter."""
        return answer in self._general

    def meant(self, text: str, before: str = "") -> Meant | None:
        """What a message means that follows on `before`, the last answer; None where it is new."""
        found = self._meant(emoji.in_words(text), before)
        return found if found is not None and found.answers else None

    def _meant(self, text: str, before: str) -> Meant | None:
        greeting, rest = _after_greeting(text)
        if greeting and ((further := self.meant(rest, before)) is not None or is_remark(rest)):
            return further
        replies = replies_to(text, before)
        kind = kind_of(text, replying=replies)
        if kind is None and _ACCEPTED.match(text) and before in self._offered:
            return self._again(self._offered[before], before)
        whole = self._near(text, before)
        if kind is not None and kind.line == STORY:
            return self._story(text, whole)
        told = STORY if self._stories.knows(before) or reads_as_story(before) else None
        told = JOKE if before in self._jokes else told
        if told is not None and (again := self._one_more(text, told)) is not None:
            return again
        if replies and whole is not None and asks(whole.line):
            whole = None
        if whole is not None and whole.similarity >= IN_PART:
            return whole
        if told == STORY and asks(text) and content(text) & (content(before) | _OF_STORIES):
            return Meant(ABOUT_STORY, self._answers(ABOUT_STORY, before), NEAR)
        known = None if replies else self._knowledge.asked(text)
        if known is not None:
            whole_of_it = content(text) <= content(known.said)
            return Meant(known.said, (known.answer,), 1.0, by_heart=whole_of_it)
        if self._knowledge.is_of(text):
            return None
        particular = (kind is not None and kind.own) or self._asked_about(text)
        other = kind is not None and (self._is_itself(kind) or (whole is not None and whole.itself))
        enough = SURELY if replies or particular else NEAR
        if kind is not None and (kind.tone is not None or kind.always or other):
            enough = PLAINLY
        if whole is not None and whole.similarity >= enough:
            return whole
        if kind is not None and kind.line == ASK and (about := _ABOUT_MINE.search(text)):
            return Meant(ASK, follow_up(f"i have {about[1]}") or self._kind(ASK).answers, 0.0)
        if kind is not None:
            return self._kind(kind.line)
        if not before and _UNCLEAR.match(text):
            return replace(self._kind(UNCLEAR), passing=True)
        return None if replies or particular else self._near_in_part(text, before)

    def guess(self, text: str, before: str = "") -> Meant | None:
        """The practised wording a message may mean, where it is not plain that it means another."""
        near = None if self._knowledge.is_of(text) else self._near(text, before)
        return near if near is not None and near.answers and near.similarity >= PERHAPS else None

    def question(self, text: str) -> str | None:
        """What may be asked about what somebody tells: about its matter, or anything more."""
        asked = self.asked_about(text)
        if asked is not None or not is_remark(text) or not self._more:
            return asked
        return self._more[crc32(text.encode()) % len(self._more)]

    def asked_about(self, text: str) -> str | None:
        """The same where the matter is known: a question alone, of one sentence."""
        asked = self._asked_about(text)
        if not asked:
            return None
        chosen = asked[crc32(text.encode()) % len(asked)]
        return re.split(r"[.!] ", chosen)[-1]

    def remark(self, text: str, before: str = "") -> Meant | None:
        """What may be answered to anything somebody tells of oneself, or replies to a question."""
        said = _after_greeting(text)[1]
        replies = replies_to(text, before)
        fitting = self._heard if replies else self._remarks
        if not fitting or not (is_remark(said) or replies):
            return None
        if asked := follow_up(said):
            return Meant(REMARK, asked, 0.0)
        if replies:
            return Meant(REMARK, fitting, 0.0)
        return Meant(REMARK, tuple(f"{said_back(said)}{one}" for one in fitting), 0.0)

    def _asked_about(self, text: str) -> tuple[str, ...]:
        """What may be asked about a remark whose matter is known."""
        return follow_up(text) if is_remark(text) else ()

    def _is_itself(self, kind: Kind) -> bool:
        return key_of(kind.line) in self._itself

    def _near(self, text: str, before: str) -> Meant | None:
        """The practised line most like a text, in this place of a talk."""
        best: Meant | None = None
        for near in self._likeness.nearest_of(text, CANDIDATES):
            found = self._found(near, before)
            found = replace(found, similarity=found.similarity * left_of(text, near.line))
            if _WHEN.match(text) and _WHAT_IS.match(near.line):
                continue  # the day of a wedding is not what a wedding is
            nearer = best is None or found.similarity > best.similarity
            if nearer and found.answers and fits(text, near.line):
                best = found
        if best is not None and bare(best.line) == bare(text):
            return replace(best, line=text)  # the same words, whatever stands around them
        return best

    def _found(self, near: Near, before: str) -> Meant:
        key = key_of(near.line)
        if key in self._itself:
            return Meant(near.line, (self._itself[key],), near.similarity, itself=True)
        opens = any(one.before in ("", *_places(before)) for one in self._exchanges[key])
        here = near.similarity if opens else near.similarity * IN_A_TALK
        answers = self._answers(near.line, before)
        return Meant(near.line, answers, here, passing=key in self._passing)

    def _near_in_part(self, text: str, before: str) -> Meant | None:
        """The same for the sentences of a message, one by one."""
        parts = [part for part in _SENTENCES.split(text) if part.strip()]
        if len(parts) < 2:
            return None
        parts = [part for part in parts if len(part) >= LEAST_PART * len(text)]
        parts = [part for part in parts if asks(part)] or parts
        found = [meant for part in parts if (meant := self._near(part, before)) is not None]
        best = max(found, key=lambda one: one.similarity, default=None)
        if best is None or best.similarity * IN_PART < NEAR:
            return None
        return replace(best, similarity=best.similarity * IN_PART)

    def _answers(self, line: str, before: str) -> tuple[str, ...]:
        """The answers to a line: those in the same place of a talk before those of an opening."""
        practised = self._exchanges.get(key_of(line), [])
        here = [one.answer for one in practised if before and one.before in _places(before)]
        if here:
            return tuple(dict.fromkeys(here))
        opening = [one.answer for one in practised if not one.before]
        only_there = (AFTER_STORY, AFTER_GREETING, AFTER_QUESTION)
        elsewhere = [one for one in practised if one.before not in only_there and not opening]
        if "story" in line and asks(line):
            elsewhere = []  # who was in a story is true of that story alone
        plain = [one.answer for one in elsewhere if particulars(one.answer) <= particulars(line)]
        return tuple(dict.fromkeys([*opening, *plain]))

    def _kind(self, line: str) -> Meant:
        """The plain wording of a kind; to a sorrow nothing is said before one is sorry."""
        if says := self._itself.get(key_of(line)):
            return Meant(line, (says,), 1.0, itself=True)
        if own := self._passing.get(key_of(line)):
            return Meant(line, tuple(own), 0.0)  # each is as good: not always the likeliest
        answers = self._answers(line, "")
        gentle = tuple(answer for answer in answers if "I am sorry" in answer)
        return Meant(line, gentle or answers, NEAR)

    def _one_more(self, text: str, told: str) -> Meant | None:
        """Another story or joke, where one was told and the message wishes for one more."""
        if told == JOKE:
            return self._kind(JOKE) if _MORE.match(text) else None
        short = len(text.split()) <= MOST_WORDS_OF_A_WISH
        wish = _MORE.match(text) or (short and _ONE_MORE.search(text))
        return self._story(text, None) if wish else None

    def _again(self, line: str, offer: str) -> Meant:
        """What was offered, to somebody who says yes: a story, a joke, or more of the same."""
        if "stor" in f"{line} {offer}":
            return self._story("", None)
        return self._kind(JOKE if "joke" in line or "haha" in line else line)

    def _story(self, text: str, near: Meant | None) -> Meant:
        """The story that has most of what a story is wished about, or one made for it."""
        if near is not None and near.similarity >= IN_PART and self._stories.told_to(near.line):
            return Meant(near.line, self._stories.told_to(near.line), 1.0, told_by_heart=True)
        wished = re.sub(r",? instead\b", "", text)
        return Meant(*self._stories.wished(wished), 1.0, told_by_heart=True)


def _after_greeting(text: str) -> tuple[str, str]:
    """A greeting at the beginning of a message that goes on, and what follows."""
    found = _GREETING.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def replies_to(text: str, before: str) -> bool:
    """Whether a message answers the question that was asked before it."""
    return before.rstrip().endswith("?") and is_reply(text)


def _places(before: str) -> tuple[str, ...]:
    """Where in a talk a message stands after this answer."""
    places = [before]
    if reads_as_story(before):
        places.append(AFTER_STORY)
    if _HOW.search(before):
        places.append(AFTER_GREETING)
    elif before.rstrip().endswith("?"):
        places.append(AFTER_QUESTION)
    return tuple(places)
