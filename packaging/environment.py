"""Make `.venv` ready: `python packaging/environment.py app|dev`.

Creates the environment, installs the locked versions, builds kernels and page, and installs L2C
itself in editable mode. What was done is remembered as a hash of everything it depends on, so
the next call takes a moment. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
STAMP = VENV / "l2c-ready"
PAGE = ROOT / "src" / "l2c" / "web" / "index.html"

# What the installed kernels, page and entry points are made from.
BUILT_FROM = (
    "pyproject.toml", "CMakeLists.txt", "packaging/*.py",
    "src/l2c/**/*.c", "src/l2c/**/*.h", "src/l2c/kernels/*.py",
    "ui/package-lock.json", "ui/*.ts", "ui/*.js", "ui/index.html", "ui/src/**/*", "ui/public/**/*",
)  # fmt: skip


def main(kind: str) -> None:
    """Bring the environment to the state that `kind` needs; `dev` holds all that `app` does."""
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever calls this may have an older Python)
        sys.exit(f"L2C needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try PYTHON=…")
    if PAGE.exists() and STAMP.exists():
        ready = STAMP.read_text()
        if ready in {_state(enough) for enough in ("app", "dev")[kind == "dev" :]}:
            return
    if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
        print("Making .venv", flush=True)
        venv.create(VENV, with_pip=True)
    print("Installing the locked versions", flush=True)
    for lock in _locks(kind):
        _pip("install", "--require-hashes", "-r", str(lock))
    print("Building kernels and page", flush=True)
    _pip("install", "--no-build-isolation", "--no-deps", "--editable", str(ROOT))
    STAMP.write_text(_state(kind))


def _locks(kind: str) -> list[Path]:
    """The lock files to install; Node.js comes from one of its own where the machine has none."""
    names = [kind] if shutil.which("npm") else [kind, "node"]
    return [ROOT / "requirements" / f"{name}.lock" for name in names]


def _state(kind: str) -> str:
    """A hash of everything an environment of this kind is made from."""
    state = hashlib.sha256(f"{kind} {sys.version}".encode())
    built_from = [path for pattern in BUILT_FROM for path in sorted(ROOT.glob(pattern))]
    for path in [*_locks(kind), *built_from]:
        if path.is_file():
            state.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    # The editable install finds modules by a list of their names.
    for module in sorted((ROOT / "src").glob("l2c/**/*.py")):
        state.update(f"\0{module.relative_to(ROOT)}\0".encode())
    return state.hexdigest()


def _pip(*arguments: str) -> None:
    command = [str(BIN / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"pip {arguments[0]} failed; the lines above say why.")


if __name__ == "__main__":
    if sys.argv[1:] not in (["app"], ["dev"]):
        sys.exit("usage: environment.py app|dev")
    main(sys.argv[1])
