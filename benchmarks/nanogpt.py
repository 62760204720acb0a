"""The peer of `benchmarks.llama_quality`: the network and the recipe of nanoGPT's CPU example.

A GPT-2 of 4 layers, 4 heads and 128 numbers a token without biases, over characters: 12 random
pieces of 64 characters a step, AdamW at 1e-3 (beta2 0.99, weight decay 0.1 for matrices), 100 steps
of warm-up, then a cosine down to 1e-4, gradients clipped at 1, no dropout. Written anew in PyTorch
from the recipe's numbers (https://github.com/karpathy/nanoGPT, "I only have a macbook"), with
PyTorch's fused attention and fused AdamW, so that it is not slower than it could be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

LAYERS, HEADS, DIM, BLOCK, ROWS = 4, 4, 128, 64, 12
RATE, LEAST_RATE, WARMUP = 1e-3, 1e-4, 100


class Block(nn.Module):
    """Attention and feed-forward, each with its norm before it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = (nn.LayerNorm(DIM, bias=False) for _ in range(2))
        self.attention = nn.Linear(DIM, 3 * DIM, bias=False)
        self.fetched = nn.Linear(DIM, DIM, bias=False)
        self.up = nn.Linear(DIM, 4 * DIM, bias=False)
        self.down = nn.Linear(4 * DIM, DIM, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        rows, time, _ = x.shape
        parts = self.attention(self.first(x)).split(DIM, dim=2)
        q, k, v = (part.view(rows, time, HEADS, -1).transpose(1, 2) for part in parts)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.fetched(y.transpose(1, 2).reshape(rows, time, DIM))
        return x + self.down(functional.gelu(self.up(self.second(x))))


class NanoGPT(nn.Module):
    """The network; the embedding is the output's matrix too."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocab_size, DIM), nn.Embedding(BLOCK, DIM)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(DIM, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                last = name.endswith(("fetched.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * LAYERS) if last else 0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """The logits after every token, (B, T) -> (B, T, V)."""
        x = self.tokens(tokens) + self.places(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.T


def train(
    training: np.ndarray, vocab_size: int, steps: int, *, threads: int, on_step: Callable[[], None]
) -> NanoGPT:
    """The network after so many steps of the recipe, whose cosine ends with the last of them."""
    torch.set_num_threads(threads)
    torch.manual_seed(1337)
    chance = np.random.default_rng(1337)
    net = NanoGPT(vocab_size)
    groups: list[dict[str, Any]] = [
        {"params": [p for p in net.parameters() if p.ndim == 2], "weight_decay": 0.1},
        {"params": [p for p in net.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), fused=True)
    text = torch.from_numpy(training.astype(np.int64))
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = rate(step, steps)
        begins = chance.integers(0, len(training) - BLOCK, ROWS)
        rows = torch.stack([text[begin : begin + BLOCK + 1] for begin in begins])
        adam.zero_grad(set_to_none=True)
        _loss(net, rows).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        on_step()
    return net


def rate(step: int, steps: int) -> float:
    """The learning rate of a step."""
    if step < WARMUP:
        return RATE * (step + 1) / (WARMUP + 1)
    far = min((step - WARMUP) / max(steps - WARMUP, 1), 1)
    return LEAST_RATE + (RATE - LEAST_RATE) * (1 + math.cos(math.pi * far)) / 2


def loss(net: NanoGPT, before: int, validation: np.ndarray) -> float:
    """Nats a character of the whole validation part, read in pieces of 64 as it was trained.

    `before` is the character that stands before it.
    """
    text = torch.from_numpy(np.concatenate([[before], validation]).astype(np.int64))
    whole = (len(text) - 1) // BLOCK
    rows = text[: whole * BLOCK + 1].unfold(0, BLOCK + 1, BLOCK)
    rest = text[whole * BLOCK :][None]
    with torch.no_grad():
        total: float = sum(float(_loss(net, part)) * part[:, 1:].numel() for part in rows.split(64))
        if rest.shape[1] > 1:
            total += float(_loss(net, rest)) * (rest.shape[1] - 1)
    return total / len(validation)


def _loss(net: NanoGPT, rows: Tensor) -> Tensor:
    logits = net(rows[:, :-1])
    return functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
