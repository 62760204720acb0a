"""What a Llama is: its configuration, and the names and shapes of its tensors.

The plain family is RMSNorm, rotary positions, grouped-query attention and SwiGLU (Touvron et al.
2023, arXiv 2302.13971; Ainslie et al. 2023, arXiv 2305.13245). Every matrix is stored (outputs,
inputs), as Hugging Face, GGUF and llama2.c store it. Rotary positions turn neighbouring pairs
(2i, 2i + 1) of a head's vector, as llama2.c and GGUF's `llama` have it; Hugging Face's layout turns
(i, i + head/2) and is permuted when it is read or written.

Three options are not known to other programs: `qk_norm`, `softcap` and `ngram_rows`. They are off
by default, and with one of them on a model cannot leave as another program's file. A configuration
with all of them off is a plain Llama.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from l2c.errors import InvalidConfig

MAX_VOCAB_SIZE = 262_144

OPTIONS: dict[str, bool | float | int] = {"qk_norm": False, "softcap": 0.0, "ngram_rows": 0}
"""What a plain Llama does not have, and the value that leaves it out."""

READINGS = ("f32", "f16", "bf16", "q8_0", "q4_0")
"""In what matrices are kept while text is read and written; the weights themselves are float32."""

_WHOLE = {
    "dim": (2, 16_384),
    "layers": (1, 128),
    "heads": (1, 256),
    "kv_heads": (1, 256),
    "hidden": (1, 65_536),
    "context": (1, 1 << 20),
    "ngram_rows": (0, 1 << 24),
    "warmup": (0, 1 << 20),
}

_BELOW_ONE = math.nextafter(1, 0)
_NUMBERS = {
    "rope_theta": ("in [1, 1e9]", 1.0, 1e9),
    "norm_epsilon": ("in [1e-12, 0.1]", 1e-12, 0.1),
    "softcap": ("0 (off) or in (0, 1e6]", 0.0, 1e6),
    "muon": ("0 (off) or in (0, 1]", 0.0, 1.0),
    "learning_rate": ("in (0, 1]", math.ulp(0), 1.0),
    "clip_norm": ("in (0, 1e6]", math.ulp(0), 1e6),
    "beta1": ("in [0, 1)", 0.0, _BELOW_ONE),
    "beta2": ("in [0, 1)", 0.0, _BELOW_ONE),
    "weight_decay": ("in [0, 1]", 0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class LlamaConfig:
    """What a Llama is and how it learns.

    `dim` is the width, `hidden` that of the feed-forward part; `heads` queries share `kv_heads`
    keys and values. A token sees itself and the `context` - 1 tokens before it. `tied` uses the
    embedding as the output's weights too. `qk_norm` normalises queries and keys, a `softcap` c > 0
    makes logits c tanh(logit / c), `ngram_rows` adds a row of a table chosen by a hash of the last
    two tokens. `reading` is one of `READINGS`: q8_0 and q4_0 multiply whole numbers of 8 and 4
    bits, in blocks of 32 weights that share a scale. The learning rate rises linearly over the
    optimizer's first `warmup` steps. Where `muon` is not 0 it is the rate at which Muon moves the
    layers' matrices, and `learning_rate` is Adam's for everything else.
    """

    dim: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    hidden: int = 352
    context: int = 256
    rope_theta: float = 10_000.0
    norm_epsilon: float = 1e-5
    tied: bool = True
    qk_norm: bool = False
    softcap: float = 0.0
    ngram_rows: int = 0
    reading: str = "f32"
    learning_rate: float = 2e-3
    warmup: int = 10
    muon: float = 0.0
    clip_norm: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.1

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these values; raises `InvalidConfig` for a bad or unknown one."""
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise InvalidConfig(f"A Llama is configured by {sorted(known)}; found {key!r}.")
        return cls(**values)

    def __post_init__(self) -> None:
        """Raise `InvalidConfig` for the first value that is out of range or contradicts another."""
        for name, expected, fits in self._checks():
            if not fits:
                raise InvalidConfig(f"`{name}` must be {expected}; found {getattr(self, name)!r}.")

    def _checks(self) -> Iterator[tuple[str, str, bool]]:
        for name, (low, high) in _WHOLE.items():
            value = getattr(self, name)
            yield (
                name,
                f"an integer in [{low}, {high}]",
                type(value) is int and low <= value <= high,
            )
        for name, (text, lowest, highest) in _NUMBERS.items():
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            yield name, f"a number {text}", number and lowest <= value <= highest
        for name in ("tied", "qk_norm"):
            yield name, "true or false", type(getattr(self, name)) is bool
        yield "reading", f"one of {', '.join(READINGS)}", self.reading in READINGS
        whole = self.dim % 32 == 0 and self.hidden % 32 == 0
        whole = whole or self.reading not in ("q8_0", "q4_0")
        yield "reading", "f32, f16 or bf16 where `dim` or `hidden` is no multiple of 32", whole
        pairs = self.dim % (2 * self.heads) == 0
        yield "dim", f"a multiple of twice the {self.heads} heads", pairs
        yield "kv_heads", f"a divisor of the {self.heads} heads", self.heads % self.kv_heads == 0

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.dim // self.heads

    @property
    def kv_dim(self) -> int:
        """The width of all keys, and of all values, of one token in one layer."""
        return self.kv_heads * self.head

    def rate(self, steps: int, factor: float) -> float:
        """The learning rate after `steps` steps: `factor` times the configured one, warming up."""
        rising = min(1.0, (steps + 1) / self.warmup) if self.warmup else 1.0
        return factor * self.learning_rate * rising

    def muon_rate(self, steps: int, factor: float) -> float:
        """The same of Muon's rate; 0 where it is off."""
        return self.muon * self.rate(steps, factor) / self.learning_rate

    def extras(self) -> list[str]:
        """The options in use that a plain Llama does not have; empty where it is one."""
        return [name for name, off in OPTIONS.items() if getattr(self, name) != off]

    def to_dict(self) -> dict[str, Any]:
        """Every value as a JSON-ready plain type; `from_mapping` accepts it."""
        return asdict(self)


def shapes(config: LlamaConfig, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """The shape of every weight tensor by name, in the order in which they lie in memory.

    >>> small = LlamaConfig(dim=8, layers=1, heads=2, kv_heads=1, hidden=12)
    >>> shapes(small, 5)["layers.0.wk"]
    (4, 8)
    """
    dim, head = config.dim, config.head
    made: dict[str, tuple[int, ...]] = {"embedding": (vocab_size, dim)}
    if config.ngram_rows:
        made["ngram"] = (config.ngram_rows, dim)
    for layer in range(config.layers):
        name = f"layers.{layer}."
        made[name + "attention_norm"] = (dim,)
        made[name + "wq"] = (config.heads * head, dim)
        made[name + "wk"] = (config.kv_dim, dim)
        made[name + "wv"] = (config.kv_dim, dim)
        if config.qk_norm:
            made[name + "q_norm"] = (head,)
            made[name + "k_norm"] = (head,)
        made[name + "wo"] = (dim, config.heads * head)
        made[name + "ffn_norm"] = (dim,)
        made[name + "w1"] = (config.hidden, dim)  # the gate
        made[name + "w2"] = (dim, config.hidden)
        made[name + "w3"] = (config.hidden, dim)
    made["norm"] = (dim,)
    if not config.tied:
        made["output"] = (vocab_size, dim)
    return made
