"""Taking out of a text what nobody wants a model to know by heart.

    >>> redact("Write to ada@example.org, or call +44 20 7946 0958.", KINDS)
    'Write to (e-mail), or call (phone number).'

Four kinds are known: e-mail addresses; card numbers, which are told from others by their check
digit (ISO/IEC 7812-1, annex B); phone numbers of nine digits and more; and keys: the tokens
services hand out, private keys, and long strings that are nothing but hexadecimal digits. What is
found is replaced by a word for it, so that the sentence stays one. Rules find shapes and not
meanings: a password that looks like a word passes, and some harmless number may not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

KINDS = ("email", "key", "card", "phone")
"""What can be taken out, in the order in which it is looked for."""

WORDS = {
    "email": "(e-mail)",
    "key": "(key)",
    "card": "(card number)",
    "phone": "(phone number)",
}
"""What stands in the place of each."""

CARD_DIGITS = range(13, 20)
PHONE_DIGITS = range(9, 16)

_PATTERNS = {
    "email": re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    "key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
        r"|\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abpr]|l2c|hf|npm|pypi)[-_][\w-]{16,}"
        r"|\bgithub_pat_\w{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
        r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"
        r"|\b[0-9a-fA-F]{32,}\b",
        re.DOTALL,
    ),
    "card": re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)"),
    "phone": re.compile(r"(?<![\w.])(?:\+|00?|\()\d(?:[ ./()-]{0,3}\d){7,14}(?!\w)"),
}


def redact(text: str, kinds: Collection[str]) -> str:
    """The text with everything of these kinds replaced by a word for it."""
    for kind in KINDS:
        if kind in kinds:
            is_one = _CHECKS.get(kind, _always)
            word = WORDS[kind]
            text = _PATTERNS[kind].sub(lambda m: word if is_one(m[0]) else m[0], text)  # noqa: B023
    return text


def _always(found: str) -> bool:
    return bool(found)


def _is_card(found: str) -> bool:
    """Whether the check digit is right, by the method of Luhn."""
    digits = [int(c) for c in found if c.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(digits) in CARD_DIGITS and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(found: str) -> bool:
    return sum(c.isdigit() for c in found) in PHONE_DIGITS


_CHECKS: dict[str, Callable[[str], bool]] = {"card": _is_card, "phone": _is_phone}
