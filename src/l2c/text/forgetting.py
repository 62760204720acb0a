"""What is to be forgotten, or not to be remembered at all, said in plain words.

"Forget that Zoe plays the drums", "forget what I said about Crete": what was told ends, and the
newest of it is no longer answered. "Don't remember this, but …" tells nothing that is kept. The
words themselves stay in their conversation until somebody erases them there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from l2c.text.lexicon import concepts
from l2c.text.predicates import Fact

_POLITE = r"(?:(?:please|just|ok|okay|and|but|now|actually|sorry|hey|le|(?:can|could) you)\W+)*"
_FORGET = re.compile(
    rf"^{_POLITE}(?:forget|stop remembering|do not remember any ?more)(?: about)? "
    r"(?P<what>(?:(?:what|everything|all|anything) "
    r"(?:(?:that )?I (?:just )?(?:said|told you|wrote) |(?:that )?you know |you were told )?"
    r"(?:about|of|on) |that |the fact that |about )?(?P<matter>\w.*?))\W*$",
    re.IGNORECASE,
)
_OFF_THE_RECORD = re.compile(
    rf"^{_POLITE}(?:(?:do not|never) (?:remember|store|save|keep|memori[sz]e|note|write down|learn)"
    r" (?:this|that|it|what I)\b|(?:this is )?off the record\b)",
    re.IGNORECASE,
)
_NOTHING_TOLD = re.compile(
    r"^(?:it|that|this|him|her|them|me|you|us|everything|all|something|anything|things)\b",
    re.IGNORECASE,
)


def is_kept(said: str) -> bool:
    """Whether a turn asks for nothing to be forgotten; `said` has no contractions."""
    return not (is_off_the_record(said) or is_forgetting(said))


def is_off_the_record(said: str) -> bool:
    """Whether a turn asks for itself not to be remembered; `said` has no contractions."""
    return _OFF_THE_RECORD.match(said) is not None


def is_forgetting(said: str) -> bool:
    """Whether a turn asks to forget something it names; `said` has no contractions."""
    found = _FORGET.match(said)
    return found is not None and not _NOTHING_TOLD.match(found["matter"])


def forgotten(said: str, before: Sequence[Fact]) -> list[Fact] | None:
    """The ends of what a turn asks to forget, of what was told before; None for any other turn.

    All facts that have every idea of what it names, whoever they are about by name.
    """
    if not is_forgetting(said):
        return None
    found = _FORGET.match(said)
    assert found is not None
    ideas = set(concepts(found["matter"]))
    names = {fact.subject: concepts(fact.value) for fact in before if fact.relation == "name"}

    def told(fact: Fact) -> set[str]:
        return {*concepts(f"{fact.said} {fact.subject}"), *names.get(fact.subject, ())}

    matching = (fact for fact in before if ideas and not fact.ended and ideas <= told(fact))
    return [replace(fact, ended=True) for fact in matching]
