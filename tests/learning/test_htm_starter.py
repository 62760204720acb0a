"""The shipped sequence memory: small enough, whole, and taught in one reading."""

import json

from l2c.engines import checkpoint
from l2c.learning.examples import Source, from_source
from l2c.learning.htm_starter import MOST_BYTES, make
from l2c.starter import HTM_PATH


def test_it_is_the_file_its_record_tells_of_and_small_enough() -> None:
    told = json.loads(HTM_PATH.with_suffix(".json").read_text())
    model = checkpoint.load(HTM_PATH, digest=told["digest"])
    assert model.engine.family == "htm"
    assert HTM_PATH.stat().st_size == told["bytes"] <= MOST_BYTES


def test_the_recipe_gives_the_same_bytes_every_time() -> None:
    assert checkpoint.to_bytes(make(2)) == checkpoint.to_bytes(make(2))


def test_what_it_is_told_once_surprises_it_less() -> None:
    model = checkpoint.load(HTM_PATH)
    example = from_source(Source("My boat is made of larch.", "Good to know."), model.tokenizer)
    before = model.bits(example.tokens.tolist())
    model.engine.remember(example.batch)
    assert model.bits(example.tokens.tolist()) < 0.9 * before
