"""What of a core prompt can be kept without a model that reads it.

`le` was taught under no core prompt, and one at the head of its window does not change its tone
(docs/lab.md). But whether sympathy goes before an answer, whether a question follows it, and which
of several practised answers is given is decided beside the model, so these two wishes can be kept:
to be dry, and to ask nothing. They are told by plain words (`_DRY`, `_ASK_NOTHING`); a prompt that
wants warmth as well is warm. Nothing else of the prompt is understood here.

>>> Manner.wanted("You are LÉ. Be dry and never ask anything.")
Manner(sympathy=False, questions=False)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from l2c.text.cues import cue_text
from l2c.text.kinds import Tone

_NOT = r"(?<!not )(?<!never )(?<!n't )(?<!not be )(?<!n't be )(?<!never be )(?<!not too )"
_DRY = re.compile(
    _NOT + r"\b(?:dry|dryly|drily|sober|soberly|matter-of-fact|factual|factually|cool|coolly|cold|"
    r"coldly|laconic|laconically|unsentimental|impersonal|detached|distant|blunt|bluntly|"
    r"(?:no|without(?: any)?) (?:sympathy|pity|emotions?|feelings?|sentiment))\b"
)
_WARM = re.compile(
    _NOT + r"\b(?:warm|warmly|warmth|kind|kindly|gentle|gently|friendly|caring|tender|tenderly|"
    r"cordial|compassionate|sympathetic|affectionate)\b"
)
_ASK_NOTHING = re.compile(
    r"\bask(?:s|ing)? (?:me |the user |back )?(?:nothing|no )"
    r"|\b(?:do not|don't|never|without|not|no need to|avoid|stop) (?:ever )?ask(?:ing)?\b"
    r"|\b(?:no|without(?: any)?|avoid) (?:more |further |back-?)?questions\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Manner:
    """Whether answers begin with sympathy or joy, and whether they ask on."""

    sympathy: bool = True
    questions: bool = True

    @classmethod
    def wanted(cls, prompt: str) -> Self:
        """The manner a core prompt, or a conversation's own system prompt, wishes for."""
        plain = cue_text(prompt)
        dry = _DRY.search(plain) is not None and _WARM.search(plain) is None
        return cls(sympathy=not dry, questions=_ASK_NOTHING.search(plain) is None)

    def fitting(self, answers: Sequence[str], tone: Tone | None) -> tuple[str, ...]:
        """Of answers with one meaning those in this manner, or all where none can be said so.

        `tone` is what would be shown of feeling.
        """
        kept = tuple(dict.fromkeys(self._said(answer, tone) for answer in answers))
        if not self.sympathy and tone is not None:
            kept = _where(kept, lambda one: tone.words.search(one.lower()) is None)
        if not self.questions:
            kept = _where(kept, lambda one: "?" not in one)
        return kept

    def _said(self, answer: str, tone: Tone | None) -> str:
        """The answer without the questions at its end and the feelings at its beginning.

        The last sentence that is left stays, whatever it is.
        """
        sentences = _SENTENCE.split(answer)
        while not self.questions and len(sentences) > 1 and sentences[-1].endswith("?"):
            sentences.pop()
        if not self.sympathy and tone is not None:
            while len(sentences) > 1 and tone.words.search(sentences[0].lower()):
                del sentences[0]
        return " ".join(sentences)


def _where(answers: tuple[str, ...], fits: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(filter(fits, answers)) or answers
