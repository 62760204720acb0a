"""Conversations as people read them, in Markdown or plain text, and back.

    # Garlic                                  ======== Garlic

    ### User                                  User:
                                              How do I store it?
    How do I store it?
                                              Assistant:
    ### Assistant                             Dry and cool.

    Dry and cool.

Only the branch that is shown is written. A line of a turn that looks like one of the marks is
written with a backslash before it, and one backslash is taken away again, so whatever was said
comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput

LONGEST_CHARACTERS = 64 << 20
"""A conversation longer than this is refused."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said on one branch; `title` is empty where there is none."""

    title: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """The lines that stand between what was said: `opening` begins the line of a title."""

    opening: str
    roles: dict[Role, str]
    blank: bool
    looks_like_one: re.Pattern[str] = field(repr=False)

    def role_of(self, line: str) -> Role | None:
        """Who speaks after this line, if it says so."""
        return next((role for role, mark in self.roles.items() if mark == line), None)


_NAMES = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}

MARKDOWN = Marks(
    "# ",
    {role: f"### {name}" for role, name in _NAMES.items()},
    True,
    re.compile(r"\\*(?:# .*|### (?:System|User|Assistant))", re.DOTALL),
)
TEXT = Marks(
    "======== ",
    {role: f"{name}:" for role, name in _NAMES.items()},
    False,
    re.compile(r"\\*(?:======== .*|(?:System|User|Assistant):)", re.DOTALL),
)


def write(transcripts: Iterable[Transcript], marks: Marks) -> Iterator[str]:
    """The file, in pieces."""
    for transcript in transcripts:
        yield f"{marks.opening}{' '.join(transcript.title.split())}\n\n"
        for message in transcript.messages:
            blank = "\n" if marks.blank else ""
            yield f"{marks.roles[message.role]}\n{blank}{_escaped(message.text, marks)}\n\n"


def read(lines: Iterable[str], marks: Marks) -> Iterator[Transcript]:
    """The transcripts again. Lines come without their line feed.

    Raises `InvalidInput` for a conversation that is too long.
    """
    title: str | None = None
    said: list[tuple[Role, list[str]]] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST_CHARACTERS:
            raise InvalidInput(f"A conversation is longer than {LONGEST_CHARACTERS} characters.")
        if line.startswith(marks.opening):
            if title is not None or said:
                yield _transcript(title, said, marks)
            title, said, length = line.removeprefix(marks.opening), [], 0
        elif (role := marks.role_of(line)) is not None:
            said.append((role, []))
        elif said:
            said[-1][1].append(line)
    if title is not None or said:
        yield _transcript(title, said, marks)


def _transcript(
    title: str | None, said: Sequence[tuple[Role, list[str]]], marks: Marks
) -> Transcript:
    return Transcript(
        title or "", tuple(Message(role, _text(lines, marks)) for role, lines in said)
    )


def _text(lines: list[str], marks: Marks) -> str:
    """What was said: the lines without the frame around them, and without the backslashes."""
    if marks.blank and lines and not lines[0]:
        lines = lines[1:]
    if lines and not lines[-1]:
        lines = lines[:-1]
    return "\n".join(
        line[1:] if line.startswith("\\") and marks.looks_like_one.fullmatch(line) else line
        for line in lines
    )


def _escaped(text: str, marks: Marks) -> str:
    return "\n".join(
        "\\" + line if marks.looks_like_one.fullmatch(line) else line for line in text.split("\n")
    )
