"""The sequence memory: what it predicts, how fast it is, how much memory it takes.

    python -m benchmarks.htm [PART ...] [--data FOLDER] [--htm-core DIR]

Parts: cui, cells, speed, text, text_100k, words, bounded, mixture, lesson; all unless told. Figures
are printed and kept in `results/htm.json`, each part as it was measured last. Steps per second are
of CPU time. Text is tinyshakespeare, looked for as `benchmarks.quality` does; without it its parts
are left out, and the output says so. htm.core is a peer for the speed alone: with `--htm-core` (a
folder with its Python package) it runs beside, otherwise its committed figures are printed as what
they are, from another machine.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import cui, htm_speed, quality, record
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.htm.encoders import words
from l2c.engines.htm.engine import HTM
from l2c.engines.htm.streams import Followed
from l2c.engines.mixture.engine import Mixture
from l2c.engines.ngram.engine import NGram
from l2c.learning.examples import Source, from_source
from l2c.learning.lesson import Lesson, Training
from l2c.learning.texts import one_round
from l2c.starter import HTM_PATH
from l2c.store.states import LessonKind

SEEDS = 10
WORDS = (
    "the cat sat on the mat and the dog sat on the rug while the cat and the dog saw "
    "the bird in the old house"
)


def main() -> int:
    """Measure the parts asked for, print them, keep them."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.htm")
    arguments.add_argument("parts", nargs="*")
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--htm-core", type=Path)
    given = arguments.parse_args()
    path = quality.find("tinyshakespeare", given.data)
    text = "" if path is None else path.read_text(encoding="utf-8")
    parts: Mapping[str, Callable[[], dict[str, Any]]] = {
        "cui": sequences,
        "cells": cells,
        "speed": lambda: htm_speed.measure(text, given.htm_core),
        "text": lambda: prequential(text, 30_000),
        "text_100k": lambda: prequential(text, 100_000),
        "words": next_word,
        "bounded": lambda: htm_speed.bounded(text),
        "mixture": lambda: mixture(text),
        "lesson": lesson,
    }
    commit, found = record.commit(), _kept()
    measured = found.get("measured", {})
    for name in given.parts or parts:
        if name not in parts:
            print(f"There is no part {name!r}; there are {', '.join(parts)}.", file=sys.stderr)
            return 2
        if not text and name not in ("cui", "cells", "words", "lesson"):
            print(f"{name}: left out, tinyshakespeare.txt was not found (see --data).")
            continue
        found[name] = parts[name]()
        measured[name] = f"python -m benchmarks.htm {name} at commit {commit}"
        print(json.dumps({name: found[name]}, indent=1), flush=True)
        kept = {part: found[part] for part in parts if part in found}
        record.write("htm", {"measured": measured} | kept)
    return 0


def _kept() -> dict[str, Any]:
    path = record.RESULTS / "htm.json"
    return json.loads(path.read_text()) if path.exists() else {}


# --------------------------------------------------------------------------------- sequences


def sequences() -> dict[str, Any]:
    """The task of Cui, Ahmad and Hawkins."""
    plain = [cui.run(seed) for seed in range(SEEDS)]
    learned = [o.learned() for o in plain]
    again = [o.learned(cui.SWAPPED_FROM) for o in plain]
    return {
        "seeds": SEEDS,
        "final_accuracy": _spread([o.accuracy(cui.ELEMENTS) for o in plain]),
        "elements_to_learn": _spread(learned),
        "elements_to_learn_again": _spread(again),
        "published": {"elements_to_learn": 7010, "elements_to_learn_again": 2935},
    }


def cells() -> dict[str, Any]:
    """The same with cells killed, and with several endings of a stem; three seeds each."""
    killed = {
        part: [cui.run(seed, killed=part).accuracy(10**9) for seed in range(3)]
        for part in (0.1, 0.3, 0.5)
    }
    several = {
        n: [cui.run(seed, endings=n, elements=11_900).accuracy(11_900) for seed in range(3)]
        for n in (2, 4)
    }
    return {
        "accuracy_with_cells_killed": {str(k): _spread(v) for k, v in killed.items()},
        "accuracy_with_several_endings_at_11900": {str(k): _spread(v) for k, v in several.items()},
    }


# -------------------------------------------------------------------------------------- text


def prequential(text: str, n: int) -> dict[str, Any]:
    """The first `n` characters, each predicted before it is learned; figures of the last fifth."""
    tokens, V = _tokens(text[:n])
    alone, _ = HTM.create({"orders": 0}, V, seed=1).follow(tokens)
    began = time.process_time()
    with_3, _ = HTM.create({"orders": 3}, V, seed=1).follow(tokens)
    seconds = time.process_time() - began
    with_4, _ = HTM.create({}, V, seed=1).follow(tokens)
    counted = NGram.create({}, V, seed=0).follow(tokens)[0]
    last = slice(4 * n // 5, n)
    order_3 = with_3.experts[last, 6].astype(np.float64)
    gain = (with_3.scores[last].astype(np.float64) - order_3) / math.log(2)
    return {
        "characters": n,
        "memory_alone": _described(alone, last),
        "with_order_3": _described(with_3, last),
        "with_order_4": _described(with_4, last),
        "order_3_alone_bits": round(-float(order_3.mean()) / math.log(2), 3),
        "gain_over_order_3_bits": _interval(gain),
        "counting_engine_bits": round(-float(counted[last].mean()) / math.log(2), 3),
        "characters_per_cpu_second": round(n / seconds),
    }


def next_word() -> dict[str, Any]:
    """A text of 26 words learned by heart: the next word, right or not, over 25 transitions."""
    listed = words(WORDS)
    names = {word: token for token, word in enumerate(sorted(set(listed)))}
    tokens = np.array([names[word] for word in listed], np.int32)
    engine = HTM.create({"orders": 0}, len(names), seed=1)
    for _ in range(30):
        engine.follow(tokens)
    right = engine.logits(tokens[:-1]).argmax(axis=1) == tokens[1:]
    return {"words": len(listed), "different": len(names), "accuracy": float(right.mean())}


def mixture(text: str) -> dict[str, Any]:
    """What the memory adds to a network and counts, on text and on the sequences of `cui`."""
    tokens, V = _tokens(text[:70_000])
    stream = np.array([min(x, 200) for s in cui.sequences(0, elements=9_000) for x in s], np.int32)
    found = {}
    for name, all_tokens, size in (("text", tokens, V), ("sequences", stream, 201)):
        cut = len(all_tokens) * 6 // 7
        bits = [_mixed(all_tokens, cut, size, extra) for extra in ([], [{"family": "htm"}])]
        found[name] = {
            "network_and_counts_bits": round(bits[0], 4),
            "with_memory_bits": round(bits[1], 4),
            "gain_bits": round(bits[0] - bits[1], 4),
        }
    return found


def lesson() -> dict[str, Any]:
    """One exchange taught to the whole starter: CPU seconds, the median of five lessons.

    `learning` copies the model and learns, as the learner does; `judging` is the gate, which
    reads old text with three models, and its time is the same whatever the engine learned.
    """
    content = HTM_PATH.read_bytes()
    starter, parent = checkpoint.from_bytes(content), checkpoint.digest_of(content)
    timed: dict[str, list[float]] = {"remembered": [], "learned": [], "judged": []}
    for number in range(5):
        source = Source(f"My boat number {number} is made of larch.", "Good to know.")
        example = from_source(source, starter.tokenizer)
        copied = starter.copy()
        begins = [time.process_time()]
        copied.engine.remember(example.batch)
        begins.append(time.process_time())
        training = Training(Lesson(LessonKind.EXCHANGES, parent, (source,), ()), starter)
        for _ in training.run():
            pass
        begins.append(time.process_time())
        kept = training.judge(starter, starter).kept
        begins.append(time.process_time())
        for seconds, figures in zip(np.diff(begins), timed.values(), strict=True):
            figures.append(float(seconds))
    return {
        "exchange_remembered_cpu_s": round(median(timed["remembered"]), 4),
        "lesson_cpu_s": round(median(timed["learned"]), 2),
        "judging_cpu_s": round(median(timed["judged"]), 2),
        "kept": kept,
    }


def _mixed(tokens: np.ndarray, cut: int, V: int, extra: list[dict[str, Any]]) -> float:
    members = [{"family": "lstm", "config": {"hidden_size": 96}}, {"family": "ngram"}, *extra]
    engine = Mixture.create({"members": members}, V, seed=1)
    training = list(one_round(tokens[:cut], 8, 64))
    for batch in training:
        engine.remember(batch)
    for _ in range(2):
        for batch in training:
            engine.practise(batch)
    rest = tokens[cut:][None]
    weights = np.ones((1, rest.shape[1] - 1), np.float32)
    return engine.train(Batch(rest, weights, np.ones(1, bool)), rate=0) / math.log(2)


def _tokens(text: str) -> tuple[np.ndarray, int]:
    names = {character: token for token, character in enumerate(sorted(set(text)))}
    return np.array([names[character] for character in text], np.int32), len(names)


def _described(followed: Followed, last: slice) -> dict[str, float]:
    right, claimed = float(followed.right[last].mean()), float(followed.claimed[last].mean())
    return {
        "bits": round(-float(followed.scores[last].mean()) / math.log(2), 3),
        "right": round(right, 3),
        "claimed": round(claimed, 3),
        "off_by": round(abs(right - claimed), 3),
        "anomaly": round(float(followed.anomaly[last].mean()), 3),
    }


def _interval(gains: np.ndarray) -> dict[str, Any]:
    """The mean, and the 95 % interval of means of blocks of 100 steps drawn again and again."""
    blocks = gains[: len(gains) // 100 * 100].reshape(-1, 100).mean(axis=1)
    drawn = np.random.default_rng(1).choice(blocks, (2000, len(blocks))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"mean": round(float(gains.mean()), 4), "interval": [round(low, 4), round(high, 4)]}


def _spread(values: list[Any]) -> dict[str, float]:
    return {
        "mean": round(float(np.mean(values)), 4),
        "least": round(float(np.min(values)), 4),
        "most": round(float(np.max(values)), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
