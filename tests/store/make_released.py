"""Makes a store of the newest schema for `released/`, to be committed with that schema.

    python -m tests.store.make_released

Run it once, when a schema is released; never run it again for an older one.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from l2c.store import migration
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning
from l2c.store.models import Models
from tests.store.talk import STARTER, Clock, Talk, begin_lesson, keep, open_store


def main() -> None:
    target = Path(__file__).parent / "released" / f"{migration.newest_schema()}.db"
    if target.exists():
        raise SystemExit(f"{target} exists; a released schema does not change.")
    with TemporaryDirectory() as directory:
        with open_store(Path(directory), Clock()) as database:
            live_a_little(database)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((Path(directory) / "l2c.db").read_bytes())


def live_a_little(database: Database) -> None:
    """Two exchanges, the first of them learned."""
    user = Accounts(database).local()
    Models(database, user).ensure(
        "le", engine="lstm", starter=STARTER, size_bytes=10, summary={"window": 512}
    )
    talk, learning = Talk(Conversations(database, user)), Learning(database, user)
    said = talk.say("Where does Mirela live?", "In Bergen.")
    lease = learning.acquire("le", holder="pid 1")
    keep(lease, begin_lesson(learning, lease), "first")
    talk.say("And Pim? 猫", "With the cat.", conversation=said.conversation)


if __name__ == "__main__":
    main()
