"""What the build backend does about the page. (What a wheel holds: `tests/test_install.py`.)"""

import importlib.util
import os
import shutil
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent
LEFT_OUT = (
    ".*", "build", "dist", "node_modules", "__pycache__", "tests", "web", "*.so", "benchmarks"
)  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the sources, with a page that is already built."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(ROOT / ".gitignore", copy)
    page = copy / "src" / "l2c" / "web" / "index.html"
    page.parent.mkdir()
    page.write_text("<!doctype html>")
    return copy


@pytest.fixture
def backend(checkout: Path) -> ModuleType:
    """The build backend of that copy."""
    path = checkout / "packaging" / "backend.py"
    spec = importlib.util.spec_from_file_location("l2c_build_backend", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def age(folder: Path, seconds: float) -> None:
    """Make everything in `folder` look as if it had been written that much earlier."""
    for path in folder.rglob("*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


@pytest.mark.slow
def test_a_source_distribution_holds_the_built_page(
    checkout: Path, backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    name = backend.build_sdist(str(checkout.parent))
    with tarfile.open(checkout.parent / name) as archive:
        inside = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert {"src/l2c/web/index.html", "CMakeLists.txt", "packaging/binding.py"} <= inside
    assert "src/l2c/kernels/gemm.h" in inside


def test_node_is_required_only_where_the_page_must_be_built_and_npm_is_missing(
    checkout: Path, backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def node_is_required() -> bool:
        return any("nodejs" in name for name in backend.get_requires_for_build_wheel())

    monkeypatch.chdir(checkout)
    monkeypatch.setattr(backend, "_npm", lambda: None)
    assert not node_is_required()
    age(checkout / "src" / "l2c" / "web", 10**9)
    assert node_is_required()
    with pytest.raises(SystemExit, match="npm"):
        backend.build_page()
    monkeypatch.setattr(backend, "_npm", lambda: "/usr/bin/npm")
    assert not node_is_required()
    shutil.rmtree(checkout / "ui")
    assert not backend._page_is_stale()


def test_a_page_older_than_any_of_its_sources_is_built_again(
    checkout: Path, backend: ModuleType
) -> None:
    ui, page = checkout / "ui", checkout / "src" / "l2c" / "web"
    age(ui, 3600)
    assert not backend._page_is_stale()
    source = next(path for path in (ui / "src").rglob("*") if path.is_file())
    os.utime(source)
    age(page, 60)
    assert backend._page_is_stale()
    shutil.rmtree(page)
    assert backend._page_is_stale()
