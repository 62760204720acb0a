"""The columns and constraints that tables of every noun are made of."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Text,
)
from sqlalchemy import Integer as _Integer
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Integer: TypeEngine[int] = BigInteger().with_variant(_Integer(), "sqlite")
"""A whole number of 64 bits, which SQLite calls an integer too."""


def required(
    name: str, kind: type[Text | Float[float] | Boolean | LargeBinary] | TypeEngine[int] = Text
) -> Column[object]:
    """A column without NULL."""
    return Column(name, kind, nullable=False)


def json_of(name: str, *, nullable: bool) -> Column[object]:
    """A column of JSON."""
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The column holds one of these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def child_of(parent: str, *pairs: tuple[str, str], cascade: bool = False) -> ForeignKeyConstraint:
    """Rows of `parent` are named by pairs of columns, mine and theirs."""
    return ForeignKeyConstraint(
        [mine for mine, _ in pairs],
        [f"{parent}.{theirs}" for _, theirs in pairs],
        ondelete="CASCADE" if cascade else None,
    )


def own_checkpoint(column: str) -> ForeignKeyConstraint:
    """Checked at commit, since a model and its starter need each other."""
    return ForeignKeyConstraint(
        ["user_id", "name", column],
        ["checkpoint.user_id", "checkpoint.model", "checkpoint.digest"],
        deferrable=True,
        initially="DEFERRED",
    )


OWNER = ("user_id", "user_id")
SAME_CONVERSATION = ("conversation_id", "conversation_id")
MODEL = (OWNER, ("model", "name"))
