"""The Llama is PyTorch's: the same logits, gradients and loss curve from the same weights.

Needs PyTorch, which L2C itself does not: without it these tests are skipped and say so.
"""

from typing import Any

import numpy as np
import pytest

from benchmarks.llama_peers import TorchLlama
from l2c.engines.engine import Batch
from l2c.engines.llama import reference
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.stream import Carried

torch: Any = pytest.importorskip("torch", reason="needs PyTorch, the other side of the comparison")

V = 65
CONFIGS = (
    LlamaConfig(dim=64, layers=3, heads=4, kv_heads=4, hidden=160, warmup=0),
    LlamaConfig(dim=48, layers=2, heads=6, kv_heads=2, hidden=96, tied=False, warmup=0),
)
every_config = pytest.mark.parametrize("config", CONFIGS, ids=["tied", "grouped"])


def batches(count: int) -> list[Batch]:
    rng = np.random.default_rng(1)
    steps = np.cumsum(rng.integers(0, 5, (count, 4, 33)), axis=2)
    ones, fresh = np.ones((4, 32), np.float32), np.ones(4, bool)
    return [Batch((rows % V).astype(np.int32), ones, fresh) for rows in steps]


@every_config
def test_logits_are_pytorchs_to_1e_4(config: LlamaConfig) -> None:
    engine = Llama.create(config.to_dict(), V, seed=1)
    other = TorchLlama(config, engine.tensors(optimizer=False))
    for row in batches(1)[0].tokens:
        with torch.inference_mode():
            theirs = other.logits(torch.from_numpy(row[None].astype(np.int64)))[0].numpy()
        np.testing.assert_allclose(engine.logits(row), theirs, atol=1e-4)


@every_config
def test_gradients_are_pytorchs_to_a_thousandth(config: LlamaConfig) -> None:
    """Relative to the tensor's largest; the twin's, which the kernels are held to elsewhere."""
    weights = Llama.create(config.to_dict(), V, seed=1).tensors(optimizer=False)
    other, batch = TorchLlama(config, weights), batches(1)[0]
    other.loss(batch).backward()
    _, ours, _ = reference.gradient(
        weights, config, batch.tokens, batch.weights, Carried.empty(config, 4).past()
    )
    for name, gradient in ours.items():
        theirs = other.parameters[name].grad.numpy()
        atol = 1e-3 * np.abs(theirs).max()
        np.testing.assert_allclose(gradient, theirs, atol=atol, err_msg=name)


@every_config
def test_the_loss_curve_of_fifty_steps_is_pytorchs(config: LlamaConfig) -> None:
    """Tolerance: rounding grows from step to step; a thousandth of the loss is asked for."""
    engine = Llama.create(config.to_dict(), V, seed=1)
    other = TorchLlama(config, engine.tensors(optimizer=False))
    curves = np.array([(engine.train(batch), other.step(batch)) for batch in batches(50)])
    np.testing.assert_allclose(curves[:, 0], curves[:, 1], rtol=1e-3)
    assert curves[-1, 0] < 0.8 * curves[0, 0]
