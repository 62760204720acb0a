"""A text generator: characters in, an LSTM in the middle, new text out.

python examples/lstm_text_generator.py [TEXT FILE] [--steps N]
"""

import argparse
from pathlib import Path

from l2c import CharLSTM
from l2c.learning.trainer import Progress

POEM = (
    "The sun is warm, the sea is wide,\nthe little boats go out with the tide.\n"
    "The moon is pale, the night is long,\nthe little boats come home with a song.\n"
)


def show(progress: Progress) -> None:
    if progress.step % 50 == 0 or progress.step == progress.steps:
        done = "#" * (30 * progress.step // progress.steps)
        print(f"{done:<30} {progress.step}/{progress.steps} loss {progress.loss:.3f}")


arguments = argparse.ArgumentParser()
arguments.add_argument("file", nargs="?", type=Path)
arguments.add_argument("--steps", type=int, default=600)
given = arguments.parse_args()

text = given.file.read_text() if given.file else POEM * 20
print(f"{len(text):,} characters, {len(set(text))} different ones")

model = CharLSTM(hidden_size=128, seed=0)
model.fit(text, steps=given.steps, on_step=show)

for temperature in (0.2, 0.8):
    print(f"\n--- temperature {temperature} ---")
    print(model.generate(seed_text="The ", length=160, temperature=temperature, seed=1))
