"""Text and token ids: tokenizers, and the one chat template."""
