"""Conversations as plain text files, and the ones this project wrote.

A dialogue file is meant to be written and read by people:

    # a comment
    you: Hello
    le: Hello. How are you?
    you: fine thanks
    le: I am glad to hear that.

    you: a blank line began another conversation
    le: Yes. It did.

`you` is the person at the keyboard, `le` the model. The two take turns, the person begins and
the model has the last word, because every conversation here is there to teach an answer.
The files in `dialogues/`, one for each subject, are written out sentence by sentence; what can
be produced by rules lives in `l2c.corpus.generator`. A new subject is a new file, found by
itself.
"""

from __future__ import annotations

import hashlib
from importlib import resources

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput

SPEAKERS = {"you": Role.USER, "le": Role.ASSISTANT}
HELD_OUT_ONE_IN = 20


def read_dialogues(text: str, *, name: str = "dialogues") -> list[list[Message]]:
    """The conversations of a dialogue file, in order.

    Spaces around a line and around what is said are dropped. Raises `InvalidInput`, naming
    `name` and the line, when a line has no speaker, says nothing, holds a control character, or
    when the two do not take turns, beginning with `you` and ending with `le`.
    """
    conversations: list[list[Message]] = []
    current: list[Message] = []
    last = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if line.startswith("#"):
            continue
        if line:
            current.append(_message(line, _turn_of(current), f"{name}, line {number}"))
            last = number
        elif current:
            conversations.append(_finished(current, f"{name}, line {last}"))
            current = []
    if current:
        conversations.append(_finished(current, f"{name}, line {last}"))
    return conversations


def handwritten() -> list[list[Message]]:
    """Every conversation in `dialogues/`, files in the order of their names."""
    folder = resources.files("l2c.corpus").joinpath("dialogues")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".txt")), key=lambda f: f.name)
    return [
        conversation
        for file in files
        for conversation in read_dialogues(file.read_text(encoding="utf-8"), name=file.name)
    ]


def practised_lines() -> list[str]:
    """Every distinct thing a user says in the handwritten conversations that are trained."""
    trained = (talk for talk in handwritten() if not is_held_out(talk))
    said = (message.text for talk in trained for message in talk if message.role is Role.USER)
    return list(dict.fromkeys(said))


def is_held_out(conversation: list[Message]) -> bool:
    """Whether a handwritten conversation is kept from training, decided by a hash of its words.

    Letter case and punctuation do not count, so that two spellings of one conversation never
    stand on both sides.
    """
    said = "\n".join(" ".join(words(message.text)) for message in conversation)
    digest = hashlib.sha256(said.encode()).digest()
    return int.from_bytes(digest[:8], "big") % HELD_OUT_ONE_IN == 0


def words(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation; `don't` is one word.

    >>> words("No, I don't. 2 + 3?")
    ['no', 'i', "don't", '2', '3']
    """
    kept = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower())
    return [word for piece in kept.split() if (word := piece.strip("'"))]


def _turn_of(current: list[Message]) -> str:
    return "le" if len(current) % 2 else "you"


def _message(line: str, expected: str, where: str) -> Message:
    speaker, colon, said = line.partition(":")
    if not colon or speaker not in SPEAKERS:
        raise InvalidInput(f"{where}: expected `you: ...`, `le: ...` or `# ...`; found {line!r}.")
    if speaker != expected:
        raise InvalidInput(f"{where}: expected it to be the turn of `{expected}`; found {line!r}.")
    said = said.strip()
    if not said or not said.isprintable():
        raise InvalidInput(f"{where}: expected printable words after `{speaker}:`; found {said!r}.")
    return Message(SPEAKERS[speaker], said)


def _finished(current: list[Message], where: str) -> list[Message]:
    if current[-1].role is not Role.ASSISTANT:
        raise InvalidInput(
            f"{where}: expected `le` to have the last word of the conversation; "
            f"found {current[-1].text!r} said by `you`."
        )
    return current
