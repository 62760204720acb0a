"""Every table of the store, with every constraint it rests on.

The rules that must hold whatever the code above does are written here, where no code can go
around them:

- **Rows carry their owner**, and a child names its parent together with the owner or the
  conversation, so that a turn of one user can never hang in another user's conversation.
- **Order is an integer**: `seq` counts rows in the order they were written. Clocks jump, so
  nothing is ordered by time. Times are RFC 3339 text in UTC.
- **Turns form a tree.** `parent_id` names the turn before, `conversation.active_turn_id` the end
  of the branch on the page, `depth` the length of the branch up to a turn.
- **One answer at a time**: a partial unique index allows one streaming turn per conversation.
- **A checkpoint belongs to its model**: the live one must be among the model's own, which the
  database checks at commit, since a model and its starter checkpoint are written together.

What is searched lies in a table of its own kind, see `l2c.store.search`. Changes to this file
need a migration; a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from l2c.conversation import Origin, Role, TurnStatus
from l2c.store.states import ExchangeState, LessonKind, LessonState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _required(
    name: str, kind: type[Text | Integer | Float[float] | Boolean] = Text
) -> Column[object]:
    return Column(name, kind, nullable=False)


def _json(name: str, *, nullable: bool) -> Column[object]:
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _child_of(parent: str, *pairs: tuple[str, str], cascade: bool = False) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        [mine for mine, _ in pairs],
        [f"{parent}.{theirs}" for _, theirs in pairs],
        ondelete="CASCADE" if cascade else None,
    )


def _own_checkpoint(column: str) -> ForeignKeyConstraint:
    """Checked at commit, since a model and its starter need each other."""
    return ForeignKeyConstraint(
        ["user_id", "name", column],
        ["checkpoint.user_id", "checkpoint.model", "checkpoint.digest"],
        deferrable=True,
        initially="DEFERRED",
    )


_OWNER = ("user_id", "user_id")
_SAME = ("conversation_id", "conversation_id")

account = Table(
    "account",
    metadata,
    _required("id"),
    _required("name"),
    _required("created_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
)

conversation = Table(
    "conversation",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("id"),
    _required("user_id"),
    _required("title"),
    _required("model"),
    _required("learn", Boolean),
    _required("draft"),
    Column("active_turn_id", Text),
    # Counts up per user with every exchange: the order of the list, newest activity first.
    _required("activity", Integer),
    _required("created_at"),
    _required("updated_at"),
    Column("deleted_at", Text),
    _child_of("account", ("user_id", "id")),
    _child_of("turn", ("active_turn_id", "id"), ("id", "conversation_id")),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("user_id", "activity"),
    Index("ix_conversation_active_turn_id", "active_turn_id"),
    sqlite_autoincrement=True,
)

turn = Table(
    "turn",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("id"),
    _required("user_id"),
    _required("conversation_id"),
    Column("parent_id", Text),
    _required("depth", Integer),
    _required("role"),
    _required("text"),
    _required("status"),
    _required("learn", Boolean),
    _required("created_at"),
    Column("finished_at", Text),
    Column("model", Text),
    Column("checkpoint", Text),
    Column("origin", Text),
    _json("window", nullable=True),
    Column("error", Text),
    _child_of("conversation", ("conversation_id", "id"), _OWNER, cascade=True),
    _child_of("turn", ("parent_id", "id"), _SAME),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("id", "conversation_id"),
    _one_of("role", Role),
    _one_of("status", TurnStatus),
    _one_of("origin", Origin),
    CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="depth"),
    CheckConstraint("(status = 'streaming') = (finished_at IS NULL)", name="finished"),
    CheckConstraint("role = 'assistant' OR status = 'complete'", name="only_answers_stream"),
    CheckConstraint("(role = 'assistant') = (model IS NOT NULL)", name="answers_name_a_model"),
    Index("ix_turn_conversation", "conversation_id", "seq"),
    Index("ix_turn_owner", "user_id", "seq"),
    Index("ix_turn_parent_id", "parent_id"),
    Index(
        "uq_turn_streaming",
        "conversation_id",
        unique=True,
        sqlite_where=text("status = 'streaming'"),
        postgresql_where=text("status = 'streaming'"),
    ),
    sqlite_autoincrement=True,
)

# What an unfinished answer says so far, in pieces; `start` and `length` count characters.
journal = Table(
    "journal",
    metadata,
    _required("answer_id"),
    _required("start", Integer),
    _required("length", Integer),
    _required("text"),
    PrimaryKeyConstraint("answer_id", "start"),
    _child_of("turn", ("answer_id", "id"), cascade=True),
    CheckConstraint("start >= 0", name="start"),
    CheckConstraint("length > 0", name="length"),
)

# Requests already carried out, so that a repeat of one is answered and not done again.
request = Table(
    "request",
    metadata,
    _required("user_id"),
    _required("key"),
    Column("digest", Text),
    _required("answer_id"),
    _required("created_at"),
    PrimaryKeyConstraint("user_id", "key"),
    _child_of("turn", ("answer_id", "id"), _OWNER, cascade=True),
    Index("ix_request_answer_id", "answer_id"),
)

model = Table(
    "model",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("user_id"),
    _required("name"),
    _required("engine"),
    _required("starter"),
    _required("live"),
    _required("learns", Boolean),
    _required("rebuild_requested", Boolean),
    _json("summary", nullable=False),
    _required("created_at"),
    _child_of("account", ("user_id", "id")),
    _own_checkpoint("live"),
    _own_checkpoint("starter"),
    UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

_MODEL = (_OWNER, ("model", "name"))

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("user_id"),
    _required("model"),
    _required("digest"),
    Column("parent", Text),
    Column("lesson", Integer),
    _required("size_bytes", Integer),
    _json("metrics", nullable=False),
    _required("created_at"),
    _child_of("model", *_MODEL),
    _child_of("checkpoint", _OWNER, ("model", "model"), ("parent", "digest")),
    _child_of("lesson", _OWNER, ("model", "model"), ("lesson", "number")),
    UniqueConstraint("user_id", "model", "digest"),
    CheckConstraint("(parent IS NULL) = (lesson IS NULL)", name="only_starters_have_no_parent"),
    CheckConstraint("size_bytes >= 0", name="size_bytes"),
    sqlite_autoincrement=True,
)

exchange = Table(
    "exchange",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("id"),
    _required("user_id"),
    _required("model"),
    _required("conversation_id"),
    _required("user_turn_id"),
    _required("answer_turn_id"),
    _required("state"),
    _required("attempts", Integer),
    Column("lesson", Integer),
    _required("queued_at"),
    _child_of("model", *_MODEL),
    _child_of("conversation", ("conversation_id", "id"), _OWNER, cascade=True),
    _child_of("turn", ("user_turn_id", "id"), _SAME, cascade=True),
    _child_of("turn", ("answer_turn_id", "id"), _SAME, cascade=True),
    _child_of("lesson", _OWNER, ("model", "model"), ("lesson", "number")),
    UniqueConstraint("id"),
    UniqueConstraint("user_id", "model", "answer_turn_id"),
    _one_of("state", ExchangeState),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("state <> 'learned' OR lesson IS NOT NULL", name="learned_in_a_lesson"),
    Index("ix_exchange_queue", "user_id", "model", "state", "seq"),
    Index("ix_exchange_conversation_id", "conversation_id"),
    Index("ix_exchange_user_turn_id", "user_turn_id"),
    Index("ix_exchange_answer_turn_id", "answer_turn_id"),
    sqlite_autoincrement=True,
)

lesson = Table(
    "lesson",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _required("user_id"),
    _required("model"),
    _required("number", Integer),
    _required("kind"),
    _required("state"),
    _required("epoch", Integer),
    _required("parent"),
    _required("recipe_version", Integer),
    _required("attempt", Integer),
    _required("started_at"),
    Column("finished_at", Text),
    _required("sources", Integer),
    Column("steps", Integer),
    Column("tokens", Integer),
    Column("cpu_seconds", Float),
    Column("loss_before", Float),
    Column("loss_after", Float),
    Column("bits_before", Float),
    Column("bits_after", Float),
    Column("general_percent", Float),
    Column("checkpoint", Text),
    Column("verdict", Text),
    _json("metrics", nullable=False),
    _child_of("model", *_MODEL),
    _child_of("checkpoint", _OWNER, ("model", "model"), ("parent", "digest")),
    _child_of("checkpoint", _OWNER, ("model", "model"), ("checkpoint", "digest")),
    UniqueConstraint("user_id", "model", "number"),
    _one_of("kind", LessonKind),
    _one_of("state", LessonState),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("attempt >= 0", name="attempt"),
    CheckConstraint("(state = 'kept') = (checkpoint IS NOT NULL)", name="kept_as_a_checkpoint"),
    CheckConstraint("(state = 'training') = (finished_at IS NULL)", name="finished"),
    sqlite_autoincrement=True,
)

# The ledger: which text taught in which lesson. The text goes when its conversation is purged;
# ids and the digest of the text stay, so that it is known what a checkpoint was made of.
lesson_source = Table(
    "lesson_source",
    metadata,
    _required("user_id"),
    _required("model"),
    _required("lesson", Integer),
    _required("position", Integer),
    Column("exchange_id", Text),
    Column("conversation_id", Text),
    Column("user_turn_id", Text),
    Column("answer_turn_id", Text),
    Column("user_text", Text),
    Column("answer_text", Text),
    _required("answer_teaches", Boolean),
    _required("sha256"),
    Column("first_step", Integer),
    Column("last_step", Integer),
    PrimaryKeyConstraint("user_id", "model", "lesson", "position"),
    _child_of("lesson", _OWNER, ("model", "model"), ("lesson", "number")),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    CheckConstraint("first_step <= last_step", name="steps"),
    CheckConstraint("(user_text IS NULL) = (answer_text IS NULL)", name="erased_together"),
    Index("ix_lesson_source_conversation_id", "conversation_id"),
)

# The learner's lease on a model and what it is doing now. `epoch` only ever grows: a learner
# that slept through a change of hands carries an old one and is refused.
learner = Table(
    "learner",
    metadata,
    _required("user_id"),
    _required("model"),
    _required("epoch", Integer),
    _required("holder"),
    _required("acquired_at"),
    _required("heartbeat_at"),
    Column("doing", Text),
    Column("lesson", Integer),
    Column("step", Integer),
    Column("steps", Integer),
    Column("loss", Float),
    Column("seconds_left", Float),
    _required("iterations", Integer),
    _required("practice_tokens", Integer),
    Column("practice_day", Text),
    Column("autosaved_at", Text),
    PrimaryKeyConstraint("user_id", "model"),
    _child_of("model", *_MODEL),
    CheckConstraint("epoch >= 1", name="epoch"),
)

curve_point = Table(
    "curve_point",
    metadata,
    _required("user_id"),
    _required("model"),
    _required("iteration", Integer),
    _required("loss", Float),
    PrimaryKeyConstraint("user_id", "model", "iteration"),
    _child_of("model", *_MODEL),
)

# What the user asks of learning. The learner reads it between steps.
learning_control = Table(
    "learning_control",
    metadata,
    _required("user_id"),
    _required("paused", Boolean),
    _required("cpu_share", Float),
    PrimaryKeyConstraint("user_id"),
    _child_of("account", ("user_id", "id")),
    CheckConstraint("cpu_share >= 0.05 AND cpu_share <= 1", name="cpu_share"),
)
