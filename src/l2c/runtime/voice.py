"""The core prompt: the text that gives the voice LÉ its tone, in `prompt/core_prompt.txt`.

It is the user's to write. When the file is missing or empty it is made again from the default.
Models that were taught under it read it before every conversation that has no system prompt of
its own. The others keep two of its wishes (`l2c.text.manner`); see docs/explanation/voice.md.
"""

from __future__ import annotations

from pathlib import Path

from l2c import machine
from l2c.errors import InvalidInput, StoreError
from l2c.store.models import HEARS_CORE_PROMPT, Models

FILE = Path("prompt", "core_prompt.txt")
DEFAULT = (
    "You are LÉ, the voice of L2C. Speak warmly and plainly, in few words. "
    "Listen first. Say so when you do not know."
)
MAX_CHARACTERS = 2_000


class CorePrompt:
    """The core prompt of a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE

    def read(self) -> str:
        """The text now; the file is made again when it is missing or empty.

        Raises `StoreError` when it is there and cannot be read as text.
        """
        try:
            text = self._path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                f"{self._path} cannot be read as text; mend it or delete it: {error}."
            ) from error
        return text[:MAX_CHARACTERS] if text else self.write(DEFAULT)

    def write(self, text: str) -> str:
        """Put another text there, or the default for an empty one; what stands there now.

        Raises `InvalidInput` for one that is too long.
        """
        cleaned = text.replace("\0", "\ufffd").strip() or DEFAULT
        if len(cleaned) > MAX_CHARACTERS:
            raise InvalidInput(
                f"The core prompt has at most {MAX_CHARACTERS} characters; found {len(cleaned)}."
            )
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = f"{cleaned}\n".encode("utf-8", "replace")
        machine.write_durably(self._path, content)
        return cleaned


def hearing(models: Models) -> list[str]:
    """The models that were taught under the core prompt, and read it."""
    return [row.name for row in models.list() if row.summary.get(HEARS_CORE_PROMPT)]
