"""Engines: token ids in, logits out, and they learn. One folder a family."""
