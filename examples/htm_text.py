"""A sequence memory reads a text once and goes on writing it; then it says what surprises it.

python examples/htm_text.py [TEXT FILE] [--characters N]
"""

import argparse
from pathlib import Path

import numpy as np

from l2c.engines.engine import Sampler
from l2c.engines.htm.engine import HTM
from l2c.text.characters import CharacterTokenizer

POEM = "The sun is warm, the sea is wide, the little boats go out with the tide. "

arguments = argparse.ArgumentParser()
arguments.add_argument("file", nargs="?", type=Path)
arguments.add_argument("--characters", type=int, default=20_000)
given = arguments.parse_args()

text = (given.file.read_text() if given.file else POEM * 20)[: given.characters]
tokenizer = CharacterTokenizer(text)
memory = HTM.create({}, tokenizer.vocab_size, seed=1)

tokens = np.array(tokenizer.encode(text), np.int32)
read, _ = memory.follow(tokens)
for name, part in (("first", read.scores[:200]), ("last", read.scores[-200:])):
    print(f"{name} 200 characters: {-part.mean() / np.log(2):.2f} bits each")
print(f"{memory.segments:,} segments grew")

logits, heard = memory.advance(tokens[:40])
written = memory.generate(heard, 80, Sampler(temperature=0.5), seed=1)
print(f"it goes on: {tokenizer.decode(written.tokens.tolist())!r}")

changed = text[:60].replace("little", "wooden")
anomaly = memory.inspect(np.array(tokenizer.encode(changed), np.int32)).layers["anomaly"]
print("unusual: " + "".join(c if a < 0.5 else "_" for c, a in zip(changed, anomaly, strict=True)))
