"""What each speaker's words may become: read in the window, remembered, taught.

One table, four rows, three columns. Everybody begins with `RULES`; what a user changes is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from l2c.errors import InvalidInput
from l2c.store.database import Database
from l2c.store.schema import speaker_rule
from l2c.store.schema.accounts import Speaker


@dataclass(frozen=True, slots=True)
class Rule:
    """What the words of one speaker may become.

    `window`: the model reads them when it answers. `memory`: told facts in them are kept.
    `training`: they are predicted in lessons.
    """

    speaker: Speaker
    window: bool
    memory: bool
    training: bool


RULES = {
    rule.speaker: rule
    for rule in (
        Rule(Speaker.SYSTEM, window=True, memory=False, training=False),
        Rule(Speaker.USER, window=True, memory=True, training=True),
        Rule(Speaker.ASSISTANT, window=True, memory=False, training=False),
        Rule(Speaker.DOCUMENT, window=True, memory=False, training=False),
    )
}
"""The rules everybody begins with. A model taught its own unrated words becomes its own echo."""


class Speakers:
    """The rules of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def rules(self) -> dict[Speaker, Rule]:
        """The rule of every speaker."""
        with self._database.read() as connection:
            return self._rules(connection)

    def change(
        self,
        speaker: Speaker,
        *,
        window: bool | None = None,
        memory: bool | None = None,
        training: bool | None = None,
    ) -> Rule:
        """Change what is given of a rule. Raises `InvalidInput` for a model that reads nobody."""
        if speaker is Speaker.USER and window is False:
            raise InvalidInput("What you say must stand in the window, or nothing can be answered.")

        def work(connection: Connection) -> Rule:
            was = self._rules(connection)[speaker]
            rule = Rule(
                speaker,
                window=was.window if window is None else window,
                memory=was.memory if memory is None else memory,
                training=was.training if training is None else training,
            )
            mine = (speaker_rule.c.user_id == self._user_id) & (speaker_rule.c.speaker == speaker)
            connection.execute(delete(speaker_rule).where(mine))
            connection.execute(
                insert(speaker_rule).values(
                    user_id=self._user_id,
                    speaker=speaker,
                    window=rule.window,
                    memory=rule.memory,
                    training=rule.training,
                )
            )
            return rule

        return self._database.write(work)

    def _rules(self, connection: Connection) -> dict[Speaker, Rule]:
        query = select(speaker_rule).where(speaker_rule.c.user_id == self._user_id)
        kept = {
            row.speaker: Rule(Speaker(row.speaker), row.window, row.memory, row.training)
            for row in connection.execute(query)
        }
        return {speaker: kept.get(speaker, rule) for speaker, rule in RULES.items()}
