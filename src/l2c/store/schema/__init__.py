"""Every table of the store, with every constraint it rests on.

The rules that must hold whatever the code above does are written here, where no code can go
around them:

- **Rows carry their owner**, and a child names its parent together with the owner or the
  conversation, so that a turn of one user can never hang in another user's conversation.
- **Order is an integer**: `seq` counts rows in the order they were written. Clocks jump, so
  nothing is ordered by time. Times are RFC 3339 text in UTC.
- **Turns form a tree.** `parent_id` names the turn before, `conversation.active_turn_id` the end
  of the branch on the page, `depth` the length of the branch up to a turn. Turns of the same
  parent are versions of each other, in the order of `seq`.
- **One answer at a time**: a partial unique index allows one streaming turn per conversation.
- **A checkpoint belongs to its model**: the live one must be among the model's own, which the
  database checks at commit, since a model and its starter checkpoint are written together.

What is searched lies in a table of its own kind, see `l2c.store.search`. Changes to these files
need a migration; a test compares the two.
"""

from __future__ import annotations

from l2c.store.schema.accounts import account, api_key, audit, session, speaker_rule
from l2c.store.schema.columns import metadata
from l2c.store.schema.conversations import (
    conversation,
    folder,
    journal,
    request,
    tag,
    turn,
)
from l2c.store.schema.documents import (
    attachment,
    citation,
    document,
    document_page,
    document_table,
    folder_attachment,
    passage,
    passage_vector,
)
from l2c.store.schema.forgetting import (
    forgetting,
    pin,
    redaction,
    schedule,
    threshold,
    unlearned_folder,
)
from l2c.store.schema.learning import (
    checkpoint,
    curve_point,
    exchange,
    learner,
    learning_control,
    lesson,
    lesson_source,
    model,
)
from l2c.store.schema.living import dream, material
from l2c.store.schema.memory import memory, memory_progress, recollection
from l2c.store.schema.notes import note
from l2c.store.schema.sharing import file_chunk, role, writing
from l2c.store.schema.trainings import training

__all__ = [
    "account",
    "api_key",
    "attachment",
    "audit",
    "checkpoint",
    "citation",
    "conversation",
    "curve_point",
    "document",
    "document_page",
    "document_table",
    "dream",
    "exchange",
    "file_chunk",
    "folder",
    "folder_attachment",
    "forgetting",
    "journal",
    "learner",
    "learning_control",
    "lesson",
    "lesson_source",
    "material",
    "memory",
    "memory_progress",
    "metadata",
    "model",
    "note",
    "passage",
    "passage_vector",
    "pin",
    "recollection",
    "redaction",
    "request",
    "role",
    "schedule",
    "session",
    "speaker_rule",
    "tag",
    "threshold",
    "training",
    "turn",
    "unlearned_folder",
    "writing",
]
