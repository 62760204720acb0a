"""One module per kind of file. They run in a process of their own, see `l2c.retrieval.reader`."""
