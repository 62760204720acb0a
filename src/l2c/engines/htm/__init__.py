"""Hierarchical Temporal Memory: a sequence memory of columns, cells and grown synapses."""
