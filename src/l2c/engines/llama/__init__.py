"""Llama: a transformer that reads and writes tokens, and learns."""
