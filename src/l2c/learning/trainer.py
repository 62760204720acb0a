"""The training loop, one for all: batches in, one optimizer step each, progress out.

It is a generator, so that whoever drives it decides between two steps whether to go on, rest,
save a resume point or stop; none of that changes a bit of the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from l2c.engines.engine import Batch, Engine
from l2c.engines.schedule import warmup_stable_decay


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps done of all steps, and the loss of the last one in nats per token.

    `tokens` are those it predicted, `note` is what its engine says of it beside the loss.
    """

    step: int
    steps: int
    loss: float
    tokens: int = 0
    note: str = ""


def train(
    engine: Engine, batches: Iterable[Batch], steps: int, *, rate: float = 1.0, done: int = 0
) -> Iterator[Progress]:
    """Take up to `steps` steps, one per item; the first `done` batches are passed over.

    `rate` scales the engine's learning rate under the warm-up/stable/decay schedule. To resume,
    give the engine as it was after `done` steps and the same batches from the start. After the last
    step what its rows have read is let go, before anybody sees that it is done.
    """
    for step, batch in zip(range(steps), batches, strict=False):
        if step >= done:
            loss = engine.practise(batch, rate=rate * warmup_stable_decay(step, steps))
            if step + 1 == steps:
                engine.begin_anew()
            yield Progress(step + 1, steps, loss, batch.weights.size, engine.progress())
