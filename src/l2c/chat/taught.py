"""The words a model was taught: nobody should be told "I do not know that" about them."""

from __future__ import annotations

from l2c.engines.doubt import words_of
from l2c.store.learning import Learning


class Taught:
    """The words of one user's kept lessons, read again when another checkpoint answers."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning
        self._words: dict[str, tuple[str, frozenset[str]]] = {}

    def words(self, name: str, digest: str) -> frozenset[str]:
        """Every word the user said in what model `name` has learned by checkpoint `digest`."""
        read = self._words.get(name)
        if read is None or read[0] != digest:
            texts = self._learning.taught(name)
            read = (digest, frozenset(word for text in texts for word in words_of(text)))
            self._words[name] = read
        return read[1]
