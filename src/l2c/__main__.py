"""The command `l2c`, and `python -m l2c`: the light server at once, everything else by the CLI.

The light server starts in a fraction of a second because nothing else is loaded first.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any


def main() -> None:
    """Run the command line of this process, and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["serve"] and "--light" in arguments and "--help" not in arguments:
        arguments = [one for one in arguments[1:] if one != "--light"]
        modules: dict[str, Any] = sys.modules
        modules["ssl"] = None  # `http.server` does without TLS, as where Python has none
        sys.exit(import_module("l2c.light").main(arguments))
    gc.disable()  # of what is loaded nothing is garbage, however often one looks
    commands = import_module("l2c.cli.main")
    gc.freeze()
    gc.enable()
    commands.main()


if __name__ == "__main__":
    main()
