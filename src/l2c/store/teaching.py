"""Text that teaches though nobody said it in a conversation: it is put into one, all at once.

There it waits, is read, kept out and forgotten like anything that was said, by the same queue, the
same ledger and the same replay. The conversation is archived, since nobody talks in it. Each piece
is a turn of the user; a fixed answer, which is never learned, stands below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from l2c.conversation import Origin, Role
from l2c.store import branches, trees
from l2c.store.database import new_id
from l2c.store.trees import Tree, TreeTurn

READ = "I have read this."
"""What stands as the answer to a piece. It is not learned itself."""


def put(
    connection: Connection,
    user_id: str,
    pieces: Sequence[str],
    *,
    into: str | None,
    title: str,
    model: str,
    now: str,
) -> str:
    """Let these pieces teach in the conversation `into`, or a new one; its id.

    What stands there already is not put there twice. Raises `Busy` while an answer is being
    written there.
    """
    if into is not None and trees.is_there(connection, user_id, into):
        branches.see_that_nothing_is_being_written(connection, into)
        tree = trees.read(connection, user_id, into, temporary=False)
    else:
        tree = Tree(new_id(), title, True, model, True, now, now, None, (), archived=True)
    there = {turn.text for turn in tree.turns if turn.role is Role.USER}
    last, fresh = tree.active_turn_id, list[TreeTurn]()
    for piece in dict.fromkeys(pieces):
        if piece in there:
            continue
        said = TreeTurn(new_id(), last, Role.USER, piece, now, now)
        last = new_id()
        answer = TreeTurn(last, said.id, Role.ASSISTANT, READ, now, now, model=model)
        fresh += [said, replace(answer, origin=Origin.COMPUTED)]
    whole = replace(tree, turns=(*tree.turns, *fresh), active_turn_id=last)
    return trees.take_in(connection, user_id, whole, learn=True, now=now).conversation_id
