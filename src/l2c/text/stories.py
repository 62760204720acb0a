"""Stories for a wish: those known by heart, and tales put together with whom one wishes.

A wish names somebody ("about a hedgehog"), or a sort ("a funny one"), or nothing. Of what is known
by heart the story with most of the wished words is told; where none has them, a tale is told of
the one who was named (`l2c.text.tales`), or one of the wished sort.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from l2c.text.kinds import STORY
from l2c.text.known import Exchange
from l2c.text.lexicon import listed
from l2c.text.likeness import key_of, spelt_out
from l2c.text.pooled import Row
from l2c.text.tales import Tales, wished

LEAST_SENTENCES = 3
"""Of a story."""

_SENTENCE_ENDS = re.compile(r"[.!?](?:\s|$)")
_PAST = re.compile(r"\b(?:was|were|had|went|came|said|saw|found|lived|\w{2,}ed)\b", re.IGNORECASE)


class Stories:
    """Every story among the exchanges, by the wish it was told to, and the tales."""

    def __init__(self, by_wish: Mapping[str, list[Row]], tales: Tales) -> None:
        """`by_wish` are the wishes in their words and the stories, by the wish's `key_of`."""
        self._by_wish = by_wish
        self._tales = tales

    def knows(self, text: str) -> bool:
        """Whether a text is a story known by heart."""
        long = len(_SENTENCE_ENDS.findall(text)) >= LEAST_SENTENCES
        stories = (story for told in self._by_wish.values() for _, story in told)
        return long and text in stories

    def told_to(self, line: str) -> tuple[str, ...]:
        """The stories that were told to this wish in these words; none where there are none."""
        told = self._by_wish.get(key_of(line), [])
        return tuple(story for _, story in told)

    def wished(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The wording that a wish stands for, and the stories for it."""
        hero = wished(text)
        of_sort = self._tales.of_sort(text) if hero is None or not hero.walks else ()
        if of_sort:
            return STORY, of_sort
        words = {word for word in spelt_out(text) if len(word) > 2} - _WISHING
        best, most = STORY, 0
        for key, told in self._by_wish.items():
            asked = set(key.split())
            for _, story in told:
                topics = len(words & asked) + len(words & (asked | set(spelt_out(story))))
                if topics > most:
                    best, most = told[0][0], topics
        made = self._tales.told(text) if most <= len(words) else ()
        return (STORY, made) if made else (best, self.told_to(best))


def tells(exchange: Exchange) -> bool:
    """Whether an exchange is a wish for a story and a story."""
    wish = key_of(exchange.said)
    sentences = len(_SENTENCE_ENDS.findall(exchange.answer))
    told = sentences >= LEAST_SENTENCES and not exchange.answer.endswith(("?", "turn."))
    return told and not exchange.before and "stor" in wish


def reads_as_story(text: str) -> bool:
    """Whether an answer may have been a story: some sentences of what was, and nothing asked."""
    told = len(_SENTENCE_ENDS.findall(text)) >= LEAST_SENTENCES and "?" not in text
    return told and _PAST.search(text) is not None and not _OF_THE_LISTENER.search(text)


_OF_THE_LISTENER = re.compile(r"(?:^|\. )Your? ")
"""How what somebody told is said back, which is no story."""
_WISHING = listed("""
    tell story stories tale tales about the and please can could you would like hear one short
    little small with make another more know want for now nice good bedtime some any time read
    something give that once up who has have very long new me my called named
    """)
