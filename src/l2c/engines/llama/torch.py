"""The Llama as a PyTorch module: the same model where one machine or one processor is not enough.

Parameters have the names and shapes of `config.shapes`, so a module is filled from a checkpoint of
L2C and becomes one again, optimizer included: it may be trained here, then there, and go on. Needs
`pip install "l2c[torch]"`; nothing else of L2C imports this module.

Letters: B batch, T time, V vocabulary, D dim, H heads, G kv_heads, E head (dim / heads).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn import functional

from l2c.engines.adam import EPSILON
from l2c.engines.engine import Tensors
from l2c.engines.llama.config import LlamaConfig, shapes
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput

FAMILY = "llama"


class Layer(nn.Module):
    """One layer: its tensors, and what it does to the stream."""

    def __init__(self, config: LlamaConfig, wanted: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self.config = config
        for name, shape in wanted.items():
            self.register_parameter(name, nn.Parameter(torch.zeros(shape)))

    def forward(self, x: Tensor, turns: Tensor, seen: Tensor | None) -> Tensor:
        """The stream after the layer, (B, T, D) -> (B, T, D); `seen` None: all that came before."""
        epsilon = self.config.norm_epsilon
        x = x + self._attention(_normal(x, self.attention_norm, epsilon), turns, seen)
        n = _normal(x, self.ffn_norm, epsilon)
        inner = functional.silu(n @ self.w1.T) * (n @ self.w3.T)
        return x + inner @ self.w2.T

    def _attention(self, n: Tensor, turns: Tensor, seen: Tensor | None) -> Tensor:
        batch, time, dim = n.shape
        config = self.config
        q = (n @ self.wq.T).view(batch, time, config.heads, config.head)
        k = (n @ self.wk.T).view(batch, time, config.kv_heads, config.head)
        if config.qk_norm:
            q = _normal(q, self.q_norm, config.norm_epsilon)
            k = _normal(k, self.k_norm, config.norm_epsilon)
        q, k = _turned(q, turns), _turned(k, turns)
        v = (n @ self.wv.T).view(batch, time, config.kv_heads, config.head)
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        fetched = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=seen, is_causal=seen is None,
            enable_gqa=config.kv_heads < config.heads,
        )  # fmt: skip
        return fetched.transpose(1, 2).reshape(batch, time, dim) @ self.wo.T


class TorchLlama(nn.Module):
    """A Llama, with every option of L2C's engine."""

    def __init__(self, config: LlamaConfig, vocab_size: int) -> None:
        super().__init__()
        self.config = config
        wanted = shapes(config, vocab_size)
        self.layers = nn.ModuleList(
            Layer(config, dict(_of_layer(wanted, layer))) for layer in range(config.layers)
        )
        for name, shape in wanted.items():
            if "." not in name:
                self.register_parameter(name, nn.Parameter(torch.zeros(shape)))

    def forward(self, tokens: Tensor) -> Tensor:
        """The logits after every token, (B, T) -> (B, T, V), each row read from its beginning."""
        time = tokens.shape[1]
        turns = self._turns(time, tokens.device)
        seen = self._seen(tokens) if time > self.config.context else None
        x = self._embedded(tokens)
        for layer in self.layers:
            x = layer(x, turns, seen)
        output = self.embedding if self.config.tied else self.output
        logits = _normal(x, self.norm, self.config.norm_epsilon) @ output.T
        cap = self.config.softcap
        return cap * torch.tanh(logits / cap) if cap else logits

    def _embedded(self, tokens: Tensor) -> Tensor:
        x = self.embedding[tokens]
        rows = self.config.ngram_rows
        if rows:
            before = functional.pad(tokens[:, :-1], (1, 0), value=-1)
            x = x + self.ngram[_ngram_rows(before, tokens, rows)]
        return x

    def _turns(self, time: int, device: torch.device) -> Tensor:
        """Cosine and sine of every position and pair, (2, T, 1, E / 2)."""
        pairs = torch.arange(0, self.config.head, 2, dtype=torch.float64) / self.config.head
        angles = torch.arange(time, dtype=torch.float64)[:, None] / self.config.rope_theta**pairs
        return torch.stack([angles.cos(), angles.sin()]).float()[:, :, None].to(device)

    def _seen(self, tokens: Tensor) -> Tensor:
        """Which tokens each one sees: itself and the `context` - 1 before, (T, T)."""
        place = torch.arange(tokens.shape[1], device=tokens.device)
        back = place[:, None] - place
        return (back >= 0) & (back < self.config.context)


def from_model(model: LanguageModel) -> TorchLlama:
    """The module with a language model's weights. Raises `InvalidInput` for another family."""
    if model.engine.family != FAMILY:
        raise InvalidInput(f"Only llama models become a module; this is {model.engine.family}.")
    module = TorchLlama(LlamaConfig.from_mapping(model.engine.config), model.engine.vocab_size)
    tensors = model.engine.tensors(optimizer=False)
    module.load_state_dict({name: torch.from_numpy(t.copy()) for name, t in tensors.items()})
    return module


def to_model(
    module: TorchLlama, like: LanguageModel, optimizer: torch.optim.AdamW | None = None
) -> LanguageModel:
    """The module's weights and the optimizer's memory as a model with the tokens of `like`."""
    named = dict(module.named_parameters())
    tensors: Tensors = {name: _array(parameter) for name, parameter in named.items()}
    if optimizer is not None:
        known = {
            name: tensor
            for name, tensor in type(like.engine)
            .from_tensors(like.engine.config, tensors)
            .tensors()
            .items()
            if name.startswith("optimizer/")
        }
        tensors |= known
        for name, parameter in named.items():
            state = optimizer.state.get(parameter, {})
            if state:
                tensors[f"optimizer/m/{name}"] = _array(state["exp_avg"])
                tensors[f"optimizer/v/{name}"] = _array(state["exp_avg_sq"])
                tensors["optimizer/steps"] = np.array([int(state["step"])], np.int64)
    engine = type(like.engine).from_tensors(like.engine.config, tensors)
    return LanguageModel(engine, like.tokenizer)


def optimizer_of(module: TorchLlama, model: LanguageModel) -> torch.optim.AdamW:
    """AdamW as L2C's engine has it, going on from the model's own; only matrices decay.

    Raises `InvalidInput` for a model that learns by Muon, which is not carried out here.
    """
    config = module.config
    if config.muon:
        raise InvalidInput(f"PyTorch learns by AdamW here: `muon` must be 0, not {config.muon}.")
    matrices = [p for p in module.parameters() if p.ndim == 2]
    norms = [p for p in module.parameters() if p.ndim == 1]
    on_gpu = next(module.parameters()).is_cuda
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": norms, "weight_decay": 0.0},
        ],
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        eps=EPSILON,
        fused=on_gpu,
    )
    known = model.engine.tensors()
    if model.engine.steps:
        for name, parameter in module.named_parameters():
            optimizer.state[parameter] = {
                "step": torch.tensor(
                    float(model.engine.steps), device=parameter.device if on_gpu else None
                ),
                "exp_avg": _like(known[f"optimizer/m/{name}"], parameter),
                "exp_avg_sq": _like(known[f"optimizer/v/{name}"], parameter),
            }
    return optimizer


def step(
    module: nn.Module, config: LlamaConfig, optimizer: torch.optim.AdamW, tokens: Tensor, *,
    number: int, rate: float = 1.0, at_once: int = 0, half: bool = False,
) -> Tensor:  # fmt: skip
    """One step, the `number`th from 1, on rows of T + 1 tokens; the mean loss before it in nats.

    `rate` is a factor of the configured learning rate, which warms up. `at_once` rows go through
    together, 0 for all, and their gradients add up. `half` multiplies matrices in bfloat16, while
    weights, sums and the optimizer stay float32 (Micikevicius et al. 2018, arXiv 1710.03740). Where
    the module is wrapped for several processes, each gives rows of its own, as many as the others,
    and the gradients are averaged over all.
    """
    for group in optimizer.param_groups:
        group["lr"] = config.rate(number - 1, rate)
    optimizer.zero_grad(set_to_none=True)
    mean = torch.zeros((), device=tokens.device)
    for rows in tokens.split(at_once or len(tokens)):
        with torch.autocast(tokens.device.type, torch.bfloat16, enabled=half):
            logits = module(rows[:, :-1])
            loss = functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        part = loss * (len(rows) / len(tokens))
        part.backward()
        mean += part.detach()
    nn.utils.clip_grad_norm_(module.parameters(), config.clip_norm)
    optimizer.step()
    return mean


def _ngram_rows(before: Tensor, tokens: Tensor, rows: int) -> Tensor:
    """The row of the table for every token and the one before it, as `blocks.ngram_rows` has it."""
    last = 0xFFFF_FFFF
    h = ((before.long() + 1) * 0x9E3779B1 & last) ^ (tokens.long() * 0x85EBCA77 & last)
    h = (h ^ h >> 15) * 0x2C1B3C6D & last
    return (h ^ h >> 12) % rows


def _normal(x: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon) * gain


def _turned(x: Tensor, turns: Tensor) -> Tensor:
    """Neighbouring pairs (2i, 2i + 1) of every head turned by their angles."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cosine, sine = turns
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], -1).flatten(-2)


def _of_layer(
    wanted: Mapping[str, tuple[int, ...]], layer: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    prefix = f"layers.{layer}."
    return ((n.removeprefix(prefix), s) for n, s in wanted.items() if n.startswith(prefix))


def whole(tensor: Tensor) -> Tensor:
    """A tensor whose parts lie with several processes in one piece, to which all contribute."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def _like(array: np.ndarray, parameter: Tensor) -> Tensor:
    """An array as a tensor that lies where a parameter does, in parts where that is in parts."""
    tensor = torch.from_numpy(array.copy()).to(parameter.device)
    if isinstance(parameter, DTensor):
        return distribute_tensor(tensor, parameter.device_mesh, parameter.placements)
    return tensor


def _array(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = whole(tensor.detach()).float().cpu().numpy().copy()
    return array
