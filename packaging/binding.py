"""Write the C source of the Python module `l2c.kernels._kernels` from the public headers.

`python packaging/binding.py _kernels.c l2c.h …`, called by CMake. cffi's parser knows plain C only,
so preprocessor lines and what is for C++ alone are left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from cffi import FFI

MODULE = "l2c.kernels._kernels"


def declarations(header: str) -> str:
    """The C declarations of `header` without preprocessor lines."""
    for_c = re.sub(r"(?ms)^#ifdef __cplusplus\n.*?^#endif\n", "", header)
    return "".join(line for line in for_c.splitlines(True) if not line.startswith("#"))


def main(output: str, *headers: str) -> None:
    ffi = FFI()
    for header in headers:
        ffi.cdef(declarations(Path(header).read_text(encoding="utf-8")))
    ffi.set_source(MODULE, '#include "l2c.h"')
    ffi.emit_c_code(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
