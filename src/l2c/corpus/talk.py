"""Small talk: openings, thanks and questions about `le`, in many spellings."""

from __future__ import annotations

from l2c.corpus.script import Script
from l2c.corpus.wordings import Talk


def talk(script: Script) -> None:
    """A walk through small talk, from an opening to whatever comes later in the list."""
    pieces = script.wordings.talk
    openings = [i for i, piece in enumerate(pieces) if piece.opens]
    at = script.chance.choice(openings)
    say(script, pieces[at])
    for piece in pieces[at + 1 :]:
        if piece.answers:
            if script.last_words.endswith(piece.answers) and not script.chance.one_in(3):
                say(script, piece)
        elif script.chance.one_in(7):
            say(script, piece)


def say(script: Script, piece: Talk) -> None:
    """Append one piece of small talk."""
    script.exchange(script.one_of(piece.you), script.chance.choice(piece.le))


def named(script: Script, *names: str) -> Talk:
    """The piece of one of these names."""
    name = script.chance.choice(names)
    return next(piece for piece in script.wordings.talk if piece.name == name)
