"""A place in a conversation that is found, not named."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Place(Enum):
    """Where a turn is to go when its caller does not name a turn."""

    AT_THE_END = "at the end"


AT_THE_END: Final = Place.AT_THE_END
"""Says "after whatever is last now" where the last turn can be named."""
