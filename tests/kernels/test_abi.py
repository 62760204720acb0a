"""A program compiled against an older header is told so: `L2C_ABI_VERSION` is raised when it must.

`abi_N.txt` holds the declarations of version N, one a line, without comments. One that is gone or
has changed would mislead such a program: raise the version here, in `l2c.h` and in `binding.py`,
and write the new file with `python -m tests.kernels.test_abi`. What is only added joins the file
the next time.
"""

import re
from pathlib import Path

from l2c.kernels import binding

KERNELS = Path(__file__).parents[2] / "src" / "l2c" / "kernels"
HEADERS = (KERNELS / "l2c.h", KERNELS / "l2c_llama.h", KERNELS / "l2c_chat.h")
RECORD = Path(__file__).parent / f"abi_{binding.ABI_VERSION}.txt"


def declarations() -> list[str]:
    """Every declaration of the headers on one line, in their order."""
    joined = "".join(header.read_text(encoding="utf-8") for header in HEADERS)
    text = re.sub(r"/\*.*?\*/", " ", joined, flags=re.DOTALL)
    text = re.sub(r"(?ms)^#ifdef __cplusplus\n.*?^#endif\n", "", text)
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found = re.findall(r"(?:[^;{]|\{[^}]*\})+;", plain)
    return [" ".join(declaration.split()) for declaration in found]


def test_what_was_declared_stands_or_the_version_is_another() -> None:
    recorded = RECORD.read_text(encoding="utf-8").splitlines()
    assert len(recorded) > 20
    gone = [line for line in recorded if line not in declarations()]
    assert not gone, "raise L2C_ABI_VERSION, see the top of this file"


def test_header_and_binding_have_one_version() -> None:
    assert f"enum {{ L2C_ABI_VERSION = {binding.ABI_VERSION} }};" in declarations()


if __name__ == "__main__":
    RECORD.write_text("\n".join(declarations()) + "\n", encoding="utf-8")
