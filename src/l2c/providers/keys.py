"""Keys of other people's servers: in the keyring of the system or in the environment, never here.

What is kept with a server is where its key lies. The name of an environment variable must begin
with `L2C_KEY_`, so that whoever may name a server cannot have it sent any other secret of the
environment. The keyring is that of the package `keyring` (the extra `l2c[keyring]`).
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec

from l2c.errors import InvalidInput, ProviderError

keyring = import_module("keyring") if find_spec("keyring") else None
"""The extra, where it is installed."""

SERVICE = "l2c"
VARIABLE = re.compile(r"L2C_KEY_[A-Z0-9_]{1,56}")


def check_variable(name: str) -> str:
    """The name of a variable that may hold a key. Raises `InvalidInput` for any other."""
    if not VARIABLE.fullmatch(name):
        raise InvalidInput(
            f"The variable of a key is named L2C_KEY_ and capital letters; found {name!r}."
        )
    return name


def keep(server: str, key: str) -> None:
    """Put the key of a server into the system's keyring. Raises `ProviderError` without one."""
    if keyring is None:
        raise ProviderError(
            "There is no keyring here: install l2c[keyring], or put the key into an environment "
            "variable whose name begins with L2C_KEY_ and name that."
        )
    try:
        keyring.set_password(SERVICE, server, key)
    except keyring.errors.KeyringError as error:
        raise ProviderError(f"The keyring refuses the key of {server}: {error}") from error


def kept(server: str) -> str | None:
    """The key of a server from the keyring; None when there is none."""
    if keyring is None:
        return None
    try:
        key: str | None = keyring.get_password(SERVICE, server)
    except keyring.errors.KeyringError:
        return None
    return key


def forget(server: str) -> None:
    """Take the key of a server out of the keyring."""
    if keyring is None or kept(server) is None:
        return
    try:
        keyring.delete_password(SERVICE, server)
    except keyring.errors.KeyringError as error:
        raise ProviderError(f"The keyring keeps the key of {server}: {error}") from error
