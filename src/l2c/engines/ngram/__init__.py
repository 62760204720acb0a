"""Counted n-grams: a model that learns by addition and forgets, exactly, by subtraction."""
