"""What makes sense only after the turn before: "repeat that", "shorter please", "and in grams?".

Nothing here is guessed. What was said is quoted, an answer is given again or cut to its first and
last sentence, and a quantity, a result or a date that "that" stands for is put into the question,
for the modules that compute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from l2c.chat.phrasing import plain
from l2c.conversation import Message, Role
from l2c.text.lexicon import MONTHS
from l2c.text.lexicon import plain as whole_words

MOST_QUOTED = 200
"""Characters of what somebody wrote that are quoted back."""

_AGAIN = re.compile(
    r"(?:repeat|say) (?:that|it|this|yourself)(?: (?:again|once more|one more time))?|"
    r"repeat|say again|(?:that )?once more|come again|what was that|"
    r"what did you (?:just |last )?(?:say|answer|write)(?: again| just now)?|"
    r"repeat (?:your|the) (?:last )?(?:answer|sentence|message)"
)
_I_SAID = re.compile(
    r"what (?:did|have) i (?:just |last )?(?:say|said|ask|asked|write|written|wrote|tell|told)"
    r"(?: (?:to )?you)?(?: just now| before| last)?|"
    r"(?:repeat|quote) (?:what i (?:just )?(?:said|wrote|asked)|my (?:last )?(?:words|message))|"
    r"what was my (?:last|previous) (?:message|question|sentence)|what were my (?:last )?words"
)
_DOUBTS = re.compile(
    r"(?:no[, ]+)?(?:(?:that|this|it|you)(?: is|'s|s| are|'re)? )?(?:not |n't )?"
    r"(?:wrong|right|correct|true|sure|incorrect|false)\b.*|"
    r"(?:are|r) (?:you|u) (?:really |very )?sure(?: about (?:that|it))?|"
    r"(?:is|was) (?:that|it) (?:really )?(?:right|correct|true)|really|no way|"
    r"(?:no[, ]+)?(?:it|that)(?: is|'s|s) (?:not )?-?[\d.,]+"
)
_RECKONED = re.compile(
    r"(?:[A-Z][\w ]*? )?[\d.,()]+ (?:[a-z]+ )?"
    r"(?:plus|minus|times|divided by|percent of|squared|to the power)\b.*"
    r" is (?:about )?-?[\d.,]+(?:(?:, so \d+)? [a-z ]+)?\.|"
    r"The square root of .*|For [\d.,]+ [a-z]+ it is .*"
)
COMPUTED = (
    "I computed that by code, not by guessing: {result} It is right, if I read your question right."
)
_SHORTER = re.compile(
    r"(?:but |now )?(?:(?:make|say|tell me|tell|put|keep|write) (?:it|that|this|the story) )?"
    r"(?:again )?(?:a (?:bit|little) |much )?"
    r"(?:shorter|briefly|in short|in brief|in one sentence|in (?:a )?few(?:er)? words)|"
    r"(?:give me )?(?:a|the) short(?:er)? version(?: of (?:it|that))?|"
    r"(?:(?:that|it) (?:is|was) )?(?:much )?too long|shorten (?:it|that|this)|tl;?dr"
)
_TALKED = re.compile(
    r"what (?:have|did|were) we (?:been )?"
    r"(?:talk(?:ed|ing)?|chat(?:ted|ting)?|sa(?:y|id)|discuss(?:ed)?|speak(?:ing)?)"
    r"(?: about)?(?: (?:so far|today|until now|before|just now))?"
)
_BEGINS = re.compile(r"^(?:(?:ok|okay|sorry|please|and|(?:can|could|would|will) you)[ ,]+)+")
_ENDS = re.compile(r"(?:[ ,]+(?:please|for me|then|thanks))+$")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=\S)")
_QUANTITY = re.compile(r"(?P<of>.+?) (?:is|are) (?:about )?[-\d.,]+ [a-zA-Z ]+\.")
_RESULT = re.compile(r".* is (?:about )?(?P<number>-?\d[\d.]*)\.")
_CONVERTED = re.compile(
    r"(?P<before>how many [\w/ ]+? (?:is|are|in|does|make|makes) )(?:that|it|this)"
    r"(?P<after>(?: make)?)|"
    r"(?:(?:what|how much) (?:is|are) )?(?:(?:that|it|this) )?(?P<into>in(?:to)? [a-z/ ]+)"
)
_GOES_ON = re.compile(
    r"(?P<shared>(?:what is )?(?:half|twice|double|a third|a quarter|\d+ ?(?:%|percent)) (?:of )?)"
    r"(?:that|it|this)|(?:(?:what is )?(?:that|it|this) )?"
    r"(?P<goes>(?:plus|minus|times|divided by|multiplied by|squared|\+|\*|/|- )\s?.*)"
)
_MONTH, _DAY = "|".join(sorted(MONTHS)), r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"\b(?:{_DAY}(?: of)? (?:{_MONTH})|(?:{_MONTH}) {_DAY})(?:,? \d{{4}})?\b", re.IGNORECASE
)
_THAT_DAY = re.compile(
    r"(?P<ask>(?:on )?(?:what|which) (?:day|weekday|day of the week) (?:is|was|will))"
    r"(?: it| that| this)(?: be)?(?: on)?|"
    r"(?P<count>how (?:many (?:days|weeks)|long) (?:is it )?(?:until|till|to))"
    r"(?: (?:then|that|it))?"
)


def answer(messages: Sequence[Message]) -> str | None:
    """The answer to a last message that is about the turns before it; None to any other."""
    said = [message.text for message in messages[:-1] if message.role is Role.USER]
    answers = [message.text for message in messages[:-1] if message.role is Role.ASSISTANT]
    if not said or not answers:
        return None
    asked = _bare(messages[-1].text)
    if _AGAIN.fullmatch(asked):
        return answers[-1]
    if _I_SAID.fullmatch(asked):
        return f'You wrote: "{_quoted(said[-1])}"'
    if _DOUBTS.fullmatch(asked) and _is_computed(answers[-1]):
        return COMPUTED.format(result=answers[-1])
    if _SHORTER.fullmatch(_bare(_last_sentence(messages[-1].text))):
        return _shortened(answers[-1])
    if _TALKED.fullmatch(asked):
        longest = sorted(set(said), key=len)[-3:]
        quoted = [f'"{_quoted(one)}"' for one in said if one in longest]
        return f"You wrote, among other things: {' '.join(dict.fromkeys(quoted))}"
    return None


def in_full(messages: Sequence[Message]) -> Iterator[str]:
    """The last message, its last sentence, its questions; these with what "that" stands for.

    >>> said = Message(Role.ASSISTANT, "1 pound is 16 ounces.")
    >>> list(in_full([said, Message(Role.USER, "And how many grams is that?")]))[-1]
    'how many grams is 1 pound'
    """
    text = messages[-1].text
    yield text
    last = _last_sentence(text)
    if last != text:
        yield last
    for sentence in _SENTENCES.split(text.strip()):
        if sentence.endswith("?") and sentence not in (text, last):
            yield sentence
    asked = plain(last)
    before = messages[-2].text if len(messages) > 1 else ""
    if (quantity := _QUANTITY.fullmatch(before)) and (found := _CONVERTED.fullmatch(asked)):
        of = quantity["of"]
        yield f"{of} {found['into']}" if found["into"] else f"{found['before']}{of}{found['after']}"
    if (result := _RESULT.fullmatch(before)) and (found := _GOES_ON.fullmatch(asked)):
        number = result["number"]
        yield f"{found['shared']}{number}" if found["shared"] else f"{number} {found['goes']}"
    if found := _THAT_DAY.fullmatch(asked):
        told = [text.removesuffix(last), *(one.text for one in messages[-2:-4:-1])]
        if day := next((day for one in told if (day := _DATE.search(one))), None):
            yield f"{found['ask']} {day[0]}" if found["ask"] else f"{found['count']} {day[0]}"


def _is_computed(answer: str) -> bool:
    """Whether an answer is a sum: numbers, what is done with them, and a number."""
    return _RECKONED.fullmatch(answer) is not None


def _bare(text: str) -> str:
    """The words of a wish in small letters, whole, without what is only polite."""
    said = whole_words(text).lower().strip(" ?!.,")
    return _ENDS.sub("", _BEGINS.sub("", said)).strip(" ?!.,")


def _last_sentence(text: str) -> str:
    return _SENTENCES.split(text.strip())[-1]


def _quoted(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED].rsplit(' ', 1)[0]} …"


def _shortened(said: str) -> str:
    """The first and the last sentence of an answer that is not a question."""
    sentences = _SENTENCES.split(said)
    while len(sentences) > 1 and sentences[-1].endswith("?"):
        sentences.pop()
    if len(sentences) == 1:
        return "I cannot say it in fewer words."
    return " ".join(sentences[:: len(sentences) - 1] if len(sentences) > 2 else sentences[:1])
