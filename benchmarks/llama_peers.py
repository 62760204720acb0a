"""The peers of `benchmarks.llama`: the same network in PyTorch, llama.cpp and llama2.c.

Each is asked for by a class or function that says, by `None`, that the peer is not here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from l2c.engines.engine import Batch
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.files.gguf import write_gguf
from l2c.engines.llama.files.llama2c import write_llama2c
from l2c.engines.llama.files.model_file import ModelFile
from l2c.engines.llama.files.tokenizer_bin import write_tokenizer_bin
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.vocabulary import Sort, Vocabulary, controls_of, layout_of


def vocabulary(size: int) -> SentencePieceTokenizer:
    """Pieces that mean nothing, for files want a name for every token."""
    pieces = ["<unk>", "<s>", "</s>", *[f"<0x{byte:02X}>" for byte in range(256)]]
    sorts = [Sort.UNKNOWN, Sort.CONTROL, Sort.CONTROL, *[Sort.BYTE] * 256]
    more = size - len(pieces)
    pieces += [f"piece{number}" for number in range(more)]
    sorts += [Sort.NORMAL] * more
    layout = layout_of(pieces, sorts, 2)
    controls = controls_of(pieces, sorts, layout, begin=1, end=2, unknown=0)
    scores = [0.0] * 259 + [-float(number) for number in range(more)]
    return SentencePieceTokenizer(
        Vocabulary(tuple(pieces), tuple(sorts), controls, layout), scores, space_first=True
    )


# ------------------------------------------------------------------------------------- PyTorch


class TorchLlama:
    """These weights in PyTorch, with its fused attention and its fused AdamW."""

    def __init__(self, config: LlamaConfig, weights: dict[str, np.ndarray]) -> None:
        import torch  # noqa: PLC0415 (only where it is installed)

        self._torch, self._config = torch, config
        self.parameters = {
            name: torch.nn.Parameter(torch.from_numpy(w.copy())) for name, w in weights.items()
        }
        matrices = [w for w in self.parameters.values() if w.ndim == 2]
        norms = [w for w in self.parameters.values() if w.ndim == 1]
        decays = [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": norms, "weight_decay": 0.0},
        ]
        betas = (config.beta1, config.beta2)
        self._adam = torch.optim.AdamW(decays, lr=config.learning_rate, betas=betas, fused=True)

    def logits(self, tokens: Any) -> Any:
        """(B, T) -> (B, T, V)."""
        torch, p, config = self._torch, self.parameters, self._config
        x = p["embedding"][tokens]
        pairs = torch.arange(0, config.head, 2) / config.head
        turned = torch.outer(torch.arange(tokens.shape[1]), config.rope_theta**-pairs)
        turn = torch.polar(torch.ones_like(turned), turned)[None, :, None]
        for number in range(config.layers):
            x = self._layer(x, f"layers.{number}.", turn)
        return self._rms(x, p["norm"]) @ p.get("output", p["embedding"]).T

    def loss(self, batch: Batch) -> Any:
        """The mean loss of a batch in nats a token; every loss counts the same."""
        tokens = self._torch.from_numpy(batch.tokens.astype(np.int64))
        logits = self.logits(tokens[:, :-1]).flatten(0, 1)
        return self._torch.nn.functional.cross_entropy(logits, tokens[:, 1:].flatten())

    def step(self, batch: Batch) -> float:
        """Take an optimizer step on one thread; the loss from before it."""
        self._torch.set_num_threads(1)
        self._adam.zero_grad()
        loss = self.loss(batch)
        loss.backward()
        parameters = list(self.parameters.values())
        self._torch.nn.utils.clip_grad_norm_(parameters, self._config.clip_norm)
        self._adam.step()
        before: float = loss.item()
        return before

    def _layer(self, x: Any, name: str, turn: Any) -> Any:
        functional, p, config = self._torch.nn.functional, self.parameters, self._config
        B, T, _ = x.shape
        n = self._rms(x, p[name + "attention_norm"])
        q, k, v = (n @ p[name + w].T for w in ("wq", "wk", "wv"))
        q, k = (self._rotate(vector.view(B, T, -1, config.head), turn) for vector in (q, k))
        v = v.view(B, T, -1, config.head)
        shared = config.heads != config.kv_heads
        y = functional.scaled_dot_product_attention(
            q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2),
            is_causal=True, enable_gqa=shared,
        )  # fmt: skip
        x = x + y.transpose(1, 2).reshape(B, T, -1) @ p[name + "wo"].T
        n = self._rms(x, p[name + "ffn_norm"])
        inner = functional.silu(n @ p[name + "w1"].T) * (n @ p[name + "w3"].T)
        return x + inner @ p[name + "w2"].T

    def _rms(self, x: Any, gain: Any) -> Any:
        width = (self._config.dim,)
        return self._torch.nn.functional.rms_norm(x, width, gain, self._config.norm_epsilon)

    def _rotate(self, x: Any, turn: Any) -> Any:
        pairs = self._torch.view_as_complex(x.unflatten(-1, (-1, 2)))
        return self._torch.view_as_real(pairs * turn).flatten(-2)


# ----------------------------------------------------------------------------------- llama.cpp


class LlamaCpp:
    """These weights in llama.cpp, on one thread of this process."""

    def __init__(self, file: ModelFile, kind: str, folder: Path) -> None:
        xllamacpp = import_module("xllamacpp")  # only where it is installed
        path = folder / f"{kind}.gguf"
        with path.open("wb") as stream:
            write_gguf(file, stream, kind=kind, name="benchmark")
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = file.config.context
        parameters.cpuparams.n_threads = 1
        parameters.cpuparams_batch.n_threads = 1
        parameters.n_gpu_layers = 0
        parameters.n_parallel = 1
        parameters.verbosity = 0
        self._server = xllamacpp.Server(parameters)

    def go_on(self, prompt: list[int], length: int) -> dict[str, float]:
        """Read a prompt and write `length` tokens: its own times, in milliseconds of the clock."""
        asked = {
            "prompt": prompt, "n_predict": length, "temperature": 0.0, "ignore_eos": True,
            "cache_prompt": False,
        }  # fmt: skip
        answered = self._server.handle_completions(asked)
        times: dict[str, float] = answered["timings"]
        return times


# ------------------------------------------------------------------------------------ llama2.c


class Llama2C:
    """These weights in llama2.c, whose folder `LLAMA2C_DIR` names, f32 and one thread."""

    def __init__(self, file: ModelFile, folder: Path) -> None:
        source = Path(os.environ["LLAMA2C_DIR"]) / "run.c"
        self._program = folder / "run"
        compiler = shutil.which(os.environ.get("CC", "cc")) or "cc"
        flags = ["-O3", "-march=native", "-o", str(self._program), str(source), "-lm"]
        subprocess.run([compiler, *flags], check=True, capture_output=True)
        self._model, self._words = folder / "model.bin", folder / "tokenizer.bin"
        with self._model.open("wb") as stream:
            write_llama2c(file, stream, version=0)
        self._words.write_bytes(write_tokenizer_bin(file.tokenizer))

    def tokens_per_second(self, length: int) -> float:
        """What it says of `length` tokens written greedily."""
        command = [str(self._program), str(self._model), "-z", str(self._words)]
        command += ["-t", "0", "-n", str(length)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = re.search(r"achieved tok/s: ([0-9.]+)", done.stderr)
        if found is None:
            raise RuntimeError(f"llama2.c did not say how fast it was: {done.stderr!r:.200}")
        return float(found[1])
