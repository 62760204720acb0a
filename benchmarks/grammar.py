"""Grammar and sense by minimal pairs: which of two sentences does a model find likelier?

    python -m benchmarks.grammar [--model FILE] [--counted N] [--steps N] [--blimp FOLDER]

Five models read the pairs of `minimal_pairs.py`: the two shipped starters (an LSTM, and a sequence
memory that read 120 conversations), a counting engine over the LSTM's tokens and text, the mixture
of the LSTM and the counts, and a small Llama that reads the same text here for `--steps` steps,
far fewer than the LSTM's 23 000. A pair is right when the good sentence is the more
probable one, read as an answer of `le`; chance is 50 %. Sentences longer than their twin are at a
disadvantage, in BLiMP as here, so most pairs have equally many words.

With `--blimp` the original files are read too, `FOLDER/*.jsonl`, each line with `sentence_good` and
`sentence_bad`; that text is not written for a model of this size, and most of its words are unknown
to it. Source: Warstadt et al. 2020, https://github.com/alexwarstadt/blimp.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks import record
from benchmarks.minimal_pairs import Pairs, minimal_pairs
from l2c import corpus, starter
from l2c.conversation import Message, Role
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.llama.engine import Llama
from l2c.engines.mixture.engine import Mixture
from l2c.engines.model import LanguageModel
from l2c.engines.ngram.engine import NGram
from l2c.errors import InvalidInput
from l2c.learning.examples import from_corpus
from l2c.learning.replay import batches
from l2c.learning.trainer import train
from l2c.text.template import encode_conversation

BEFORE = Message(Role.USER, "Tell me something.")
"""What stands before every sentence."""

CONVERSATIONS, ROWS, SEQUENCE = 6_000, 16, 64
"""What the Llama reads, and how much of it in a step."""

CONTEXT = 5
"""Tokens the counting engine looks back."""


def main() -> None:
    """Measure, print, write `results/grammar.json`."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, default=starter.PATH, help="a checkpoint")
    parser.add_argument("--counted", type=int, default=20_000, help="conversations to count")
    parser.add_argument("--steps", type=int, default=600, help="steps the Llama learns")
    parser.add_argument("--blimp", type=Path, help="a folder with BLiMP's jsonl files")
    parser.add_argument("--out", type=Path, help="where the result goes")
    args = parser.parse_args()
    network = checkpoint.load(args.model)
    counting = counted(network, args.counted)
    both = Mixture.of([network.engine, counting.engine])
    models = {
        "lstm": network,
        "ngram": counting,
        "mixture": LanguageModel(both, network.tokenizer),
        "htm": checkpoint.load(starter.HTM_PATH),
        "llama": schooled(network, args.steps),
    }
    sets = minimal_pairs()
    right = measure(models, sets)
    figures = {
        "checkpoint": checkpoint.digest_of(args.model.read_bytes()),
        "pairs": {name: len(of) for name, of in sets.items()},
        "counted_conversations": args.counted,
        "llama_steps": args.steps,
        "right": right,
    }
    if args.blimp is not None:
        figures["blimp"] = measure(models, read_blimp(args.blimp))
    for name, shares in right.items():
        print(f"{name:30} " + "  ".join(f"{model} {share:.0%}" for model, share in shares.items()))
    record.write("grammar", figures, out=args.out)


def measure(
    models: Mapping[str, LanguageModel], sets: Mapping[str, Pairs]
) -> dict[str, dict[str, float]]:
    """Of every set and, as `all`, on average over the sets: the share of right pairs by model."""
    shares = {
        name: {
            model: round(sum(prefers(of, *pair) for pair in chosen) / len(chosen), 4)
            for model, of in models.items()
        }
        for name, chosen in sets.items()
    }
    mean = {m: round(float(np.mean([s[m] for s in shares.values()])), 4) for m in models}
    return {**shares, "all": mean}


def prefers(model: LanguageModel, good: str, bad: str) -> bool:
    """Whether the good sentence is the more probable one; equally probable ones are wrong."""
    return log_probability(model, good) > log_probability(model, bad)


def log_probability(model: LanguageModel, sentence: str) -> float:
    """Natural log probability of the sentence and its end, said by `le`."""
    before = encode_conversation([BEFORE], model.tokenizer)
    whole = encode_conversation([BEFORE, Message(Role.ASSISTANT, sentence)], model.tokenizer)
    # The mark of who speaks is given.
    return float(model.log_probabilities(np.array(whole, np.int32))[len(before) :].sum())


def counted(network: LanguageModel, conversations: int) -> LanguageModel:
    """A counting model over the network's tokens and the training text."""
    engine = NGram.create({"context": CONTEXT}, network.tokenizer.vocab_size, seed=0)
    for conversation in corpus.training(0, conversations):
        tokens = np.array(encode_conversation(conversation, network.tokenizer), np.int32)[None]
        engine.train(Batch(tokens, np.ones((1, tokens.shape[1] - 1), np.float32), np.ones(1, bool)))
    return LanguageModel(engine, network.tokenizer)


def schooled(network: LanguageModel, steps: int) -> LanguageModel:
    """A small Llama over the network's tokens, after so many steps of the training text."""
    engine = Llama.create({}, network.tokenizer.vocab_size, seed=0)
    said = [from_corpus(talk, network.tokenizer) for talk in corpus.training(0, CONVERSATIONS)]
    reading = batches([said] * ROWS, steps=steps, sequence=SEQUENCE, seed=0)
    for _ in train(engine, reading, steps):
        pass
    return LanguageModel(engine, network.tokenizer)


def read_blimp(folder: Path) -> dict[str, Pairs]:
    """BLiMP's pairs by file name. Raises `InvalidInput` for a folder or a line that is not so."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise InvalidInput(f"Expected BLiMP's *.jsonl files in {folder}; found none.")
    return {file.stem: [_pair(file, line) for line in _lines(file)] for file in files}


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _pair(file: Path, line: str) -> tuple[str, str]:
    try:
        told = json.loads(line)
        good, bad = told["sentence_good"], told["sentence_bad"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{file.name} has a line that is no pair of BLiMP: {line:.80}"
        ) from error
    if not isinstance(good, str) or not isinstance(bad, str):
        raise InvalidInput(f"{file.name} has a pair that is no text: {line:.80}")
    return good, bad


if __name__ == "__main__":
    main()
