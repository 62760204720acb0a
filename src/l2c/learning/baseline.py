"""How surprised counting alone would have been by what a lesson taught: the honest baseline.

A network's figure says little by itself: people repeat themselves, and whoever counts letters
profits from that too. So the same text is read by counted n-grams that know what the model was
told: the starter's handwritten conversations and every source before the lesson. Each source is
predicted before it is counted (prequential: Dawid 1984, "Statistical theory: the prequential
approach"). They count bytes, in which every text can be written, so that the figure is the same
whatever the model's tokenizer; over characters they predict as well. The generated half of the
corpus, which has no end, is left out.

Nothing is decided by it, and no checkpoint depends on it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from l2c import corpus
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.engines.ngram.engine import NGram
from l2c.learning.evaluation import Score, score_sources
from l2c.learning.examples import Source, evenly, from_source
from l2c.text.bytes import ByteTokenizer

CONTEXT = 6
"""Bytes that a context has."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Bits per byte of what the user wrote: each source before it was counted, and after all."""

    before: float
    after: float


def counting_alone(sources: Sequence[Source], earlier: Sequence[Source]) -> Counted | None:
    """What counts that have read `earlier` make of a lesson's sources; None where it has none.

    The bytes are those of `evaluation.score_sources`; what is counted is what the lesson learns,
    an answer only where it teaches. NaN where the user wrote nothing.
    """
    if not sources:
        return None
    counts = _starter_counts()
    with counts.in_use:
        try:
            for source in earlier:
                counts.read(source)
            scores = []
            for source in sources:
                scores.append(score_sources(counts.model, [source]))
                counts.read(source)
            after = score_sources(counts.model, sources)
        finally:
            counts.forget()
    before = Score(
        np.concatenate([score.bits for score in scores]),
        np.concatenate([score.sizes for score in scores]),
    )
    return Counted(before.bits_per_byte, after.bits_per_byte)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts that read some sources and then forget them exactly; whoever reads holds `in_use`.

    Copying them would take more time and memory than reading a lesson does.
    """

    model: LanguageModel
    engine: NGram
    in_use: threading.Lock = field(default_factory=threading.Lock)
    _read: list[Batch] = field(default_factory=list)

    def read(self, source: Source) -> None:
        batch = from_source(source, self.model.tokenizer).batch
        self.engine.remember(batch)
        self._read.append(batch)

    def forget(self) -> None:
        while self._read:
            self.engine.remove(self._read.pop())


@cache
def _starter_counts() -> _Counts:
    """Counts of the handwritten conversations that the starter was trained on: 30 MB, made once."""
    tokenizer = ByteTokenizer()
    engine = NGram.create({"context": CONTEXT}, tokenizer.vocab_size, seed=0)
    for conversation in corpus.handwritten_for_training():
        engine.remember(evenly(conversation, tokenizer).batch)
    return _Counts(LanguageModel(engine, tokenizer), engine)
