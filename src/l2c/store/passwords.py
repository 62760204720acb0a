"""Passwords as argon2id, and the secrets of sessions and keys as SHA-256.

A password is guessed from its hash, so the hash is made slow: 19 MB and two passes, a tenth of a
second (the OWASP choice). A hundred people signing in at once would then take all memory and
time, so one hash is made at a time, a few wait, and the rest is told to come back. A token or a
key is 256 random bits; nobody guesses those, and a plain digest is enough.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from l2c.errors import Busy, InvalidInput

MEMORY_KIB, PASSES = 19_456, 2
WAITING = 16
SHORTEST, LONGEST = 10, 200
"""Characters of a password."""

KEY_BEGINNING = "l2c_"
"""What every key begins with, so that it is told from keys of other servers."""


class Passwords:
    """Makes and checks hashes, one at a time."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=1)
        self._one = threading.Lock()
        self._places = threading.BoundedSemaphore(1 + WAITING)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        """What to keep of a password. Raises `InvalidInput` for a short one, and `Busy`."""
        password = _normal(password)
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidInput(
                f"A password has {SHORTEST} to {LONGEST} characters; found {len(password)}."
            )
        with self._turn():
            return self._hasher.hash(password)

    def verify(self, password: str, kept: str | None) -> bool:
        """Whether it is the password. For nobody's (None) it takes as long, and is false.

        Raises `Busy` when too many are being checked.
        """
        with self._turn():
            if self._nobodys is None:
                self._nobodys = self._hasher.hash(secrets.token_hex())
            try:
                right = self._hasher.verify(kept or self._nobodys, _normal(password)[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
            return right and kept is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Busy("Too many people are signing in; try again in a few seconds.")
        try:
            with self._one:
                yield
        finally:
            self._places.release()


def new_token() -> str:
    """A secret nobody can guess."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token or a key."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _normal(password: str) -> str:
    """The same password however the keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password)
