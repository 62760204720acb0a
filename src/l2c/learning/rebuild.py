"""Making the live checkpoint again, from the starter and the ledger.

Deleted or damaged model files come back this way, and it is how a checkpoint proves its past.
When every lesson comes out bit for bit, the files are simply there again. When one does not (its
text was erased since, the recipe is newer, this machine computes otherwise), the chain goes on
from what it became, becomes live in the old one's place, and the outcome says why.
"""

from __future__ import annotations

from dataclasses import dataclass

from l2c.learning.ledger import Entry, Rebuilt, entries, recompute, why_not_exact
from l2c.learning.teacher import Desk, Stopped
from l2c.learning.trainer import Progress
from l2c.store.learning import Learning
from l2c.store.lease import Remade
from l2c.store.ledger import NewCheckpoint
from l2c.store.models import ModelRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rebuild came to; `exact` when every digest is the recorded one."""

    model: str
    checkpoint: str
    lessons: int
    exact: bool
    reason: str


def rebuild(desk: Desk, learning: Learning, model: ModelRow) -> Outcome:
    """Compute every lesson of the live checkpoint again and put the files in place.

    Raises `Stopped` when asked to stop; what was rebuilt so far is kept as files.
    """
    chain = entries(learning.ledger(model.name, model.live))

    def on_step(entry: Entry, progress: Progress) -> None:
        desk.pace.rest()
        if progress.step % 20 == 0:
            desk.report("rebuilding", entry.number, progress, 0.0)
        if desk.stop.is_set():
            raise Stopped

    starter = desk.folder.load(model.starter)
    rebuilt: list[tuple[Rebuilt, NewCheckpoint]] = []
    for link in recompute(starter, model.starter, chain, on_step=on_step):
        rebuilt.append((link, NewCheckpoint(*desk.folder.save(link.model))))
    different = [link for link, _ in rebuilt if not link.exact]
    if different:
        remade = [Remade(link.entry.number, made) for link, made in rebuilt]
        desk.lease.replace_live(model.live, remade)
    desk.lease.finish_rebuild()
    live = rebuilt[-1][0].digest if rebuilt else model.starter
    if not different:
        lessons = "1 lesson" if len(chain) == 1 else f"{len(chain)} lessons"
        reason = f"Rebuilt. {lessons} gave the same checkpoint again, bit for bit."
    else:
        first = different[0]
        reason = (
            f"Rebuilt, but lesson {first.entry.number} came out differently: "
            f"{why_not_exact(first)}. {model.name} answers with the new checkpoint."
        )
    return Outcome(model.name, live, len(chain), not different, reason)
