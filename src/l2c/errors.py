"""Every error L2C raises on purpose, as one tree.

A message says what was expected, what was found and what to do next. Code below the
edge raises these and nothing else on purpose; only the edge (`l2c.server`, `l2c.cli`)
turns them into HTTP status codes and exit codes.

    L2CError
    ├── InvalidInput            the caller's value is wrong: mend it and try again
    │   ├── InvalidConfig       an engine's or the application's settings contradict themselves
    │   └── WindowExceeded      more text than the model's window holds, and nothing may be left out
    ├── NotAdmitted             nobody comes in with that: sign in, or use another key
    │   └── TooManyAttempts     somebody was wrong too often and has to wait
    ├── NotFound                nothing of that name or id, or it belongs to somebody else
    ├── Conflict                it was changed meanwhile, or it exists already
    │   └── Busy                another process or another request holds it; later it is free
    ├── CheckpointError         a model file is truncated, foreign, lying or damaged
    ├── StoreError              the database refuses: damaged, too new, a foreign file
    │   └── StorageFull         no space is left; nothing already stored was lost
    ├── ProviderError           a model could not answer
    └── KernelError             the compiled kernels are missing or do not fit this build
"""


class L2CError(Exception):
    """The root of every error L2C raises on purpose."""


class InvalidInput(L2CError, ValueError):
    """A value from outside is not what was expected; the message says what was."""


class InvalidConfig(InvalidInput):
    """Settings or an engine's configuration contradict themselves."""


class WindowExceeded(InvalidInput):
    """A prompt is longer than the model's window, and its caller wants nothing left out."""


class NotAdmitted(L2CError):
    """Nobody comes in with that password or key; the message does not say what was wrong."""


class TooManyAttempts(NotAdmitted):
    """Somebody was wrong too often and has to wait `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = int(wait_s) + 1
        super().__init__(f"Too many attempts; try again in {self.wait_s} seconds.")


class NotFound(L2CError, LookupError):
    """Nothing of that name or id is visible to this user."""


class Conflict(L2CError):
    """The thing exists already, or was changed meanwhile."""


class Busy(Conflict):
    """Another process or request holds it; trying later can succeed."""


class CheckpointError(L2CError):
    """A model file is truncated, oversized, foreign, lying about itself or damaged."""


class StoreError(L2CError):
    """The database cannot be used as it is."""


class StorageFull(StoreError):
    """No space is left on the device; nothing already stored was lost."""


class ProviderError(L2CError):
    """A model could not produce its answer."""


class KernelError(L2CError):
    """The compiled kernels are missing, or were built for another version."""
