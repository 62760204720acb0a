"""Providers: whatever turns a conversation into a stream of text."""
