"""A smaller copy of a version of a model, as a model of its own: the same weights in fewer bits.

What that costs is measured before the copy is kept: both read the same held-out conversations.
The copy answers like any other model and does not learn until it is told to. It knows what its
original knew, so when that is forgotten the copy goes (`l2c.store.removal`).
"""

from __future__ import annotations

from dataclasses import asdict

from l2c import corpus
from l2c.chat.catalog import SmallerCopy
from l2c.engines import checkpoint
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.fewer_bits import in_fewer_bits
from l2c.errors import InvalidInput
from l2c.learning.evaluation import score_general
from l2c.runtime.model_files import Stored, see_that_it_is_free
from l2c.store.models import Models

READ = 100
"""Held-out conversations both read, before one of them is kept."""


def make_smaller(
    models: Models,
    folder: CheckpointFolder,
    *,
    of: str,
    digest: str | None,
    stored: Stored,
    name: str,
) -> SmallerCopy:
    """Make a smaller copy of a version of a model, the one that answers for None.

    Raises `NotFound`, `Conflict` when the name is taken or the version is being forgotten, and
    `InvalidInput` for an engine that does not store such numbers or when nothing becomes smaller.
    """
    see_that_it_is_free(models, name)
    row = models.get(of)
    source = models.checkpoint(of, digest or row.live)
    model = folder.load(source.digest)
    content = in_fewer_bits(model, stored.value)
    file = folder.path(source.digest).stat().st_size
    before = min(file, len(checkpoint.to_bytes(model, optimizer=False)))
    if len(content) >= before:
        raise InvalidInput(
            f"{of} would not become smaller: its weights take {before} bytes, in {stored.value} "
            f"{len(content)}."
        )
    everything = corpus.held_out()
    texts = everything[:: max(1, len(everything) // READ)][:READ]  # of every sort
    figures = SmallerCopy(
        model=of,
        checkpoint=source.digest,
        stored=stored.value,
        size_before=before,
        size_after=len(content),
        bits_before=score_general(model, texts).bits_per_byte,
        bits_after=score_general(checkpoint.from_bytes(content), texts).bits_per_byte,
        read=len(texts),
    )
    with folder.adding():
        made, size = folder.add(content)
        models.begin_from(
            name,
            engine=row.engine,
            checkpoint=made,
            size_bytes=size,
            came_from=source.digest,
            summary=row.copied(asdict(figures)),
            also=models.remains(of, source.digest),
        )
    return figures


def in_words(copy: SmallerCopy) -> str:
    """How well it predicts, beside its original: alike below a thousandth, else by how much."""
    worse = copy.bits_after / copy.bits_before - 1
    if abs(worse) < 0.001:
        return "as well"
    return f"{abs(worse):.1%} {'worse' if worse > 0 else 'better'}"
