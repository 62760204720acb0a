"""Who learns: a file each, with `engine(vocab_size, seed)` and its `STRATEGIES`."""
