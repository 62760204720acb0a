"""The house keeps its plan: who may import whom, how long a file may be, what stays unloaded."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "src" / "l2c"

FOR_ALL = {"errors", "conversation", "machine"}
MAY_IMPORT = {
    "errors": set(),
    "conversation": set(),
    "machine": set(),
    "settings": set(),
    "kernels": set(),
    "text": set(),
    "store": set(),
    "corpus": set(),
    "starter": set(),
    "engines": {"kernels", "text"},
    "retrieval": {"text", "store"},
    "providers": {"engines", "text"},
    "learning": {"engines", "text", "store", "corpus", "starter"},
    "chat": {"providers", "engines", "text", "store", "retrieval"},
    "runtime": {
        "settings", "kernels", "text", "store", "corpus", "starter", "engines", "retrieval",
        "providers", "learning", "chat",
    },
    "server": {"runtime", "settings"},
    "cli": {"runtime", "settings"},
    "light": {"starter", "chat", "learning"},
    "__main__": {"cli", "light"},
}  # fmt: skip
EXCEPTIONS = {("cli/serve.py", "server"), ("cli/serve.py", "light")}

MODULES = sorted(HOUSE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(HOUSE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """Every room a module imports, also inside functions and for types alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "l2c" and len(parts) > 1:
                yield node.lineno, parts[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    here, name = room_of(path), str(path.relative_to(HOUSE))
    if here == "__init__":
        pytest.skip("l2c/__init__.py exports lazily: the table's one exception")
    allowed = MAY_IMPORT[here] | FOR_ALL | {here}
    wrong = [
        f"line {line}: {room}"
        for line, room in imported_rooms(path)
        if room not in allowed and (name, room) not in EXCEPTIONS and room != "__version__"
    ]
    assert not wrong, f"{name} ({here}) imports {wrong}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_one_engine_knows_no_other(path: Path) -> None:
    parts = path.relative_to(HOUSE).parts
    if parts[0] != "engines" or len(parts) < 3:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("l2c.engines."):
            target = (node.module or "").split(".")[2]
            assert target == parts[1] or not (HOUSE / "engines" / target).is_dir()


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.py", "*.c", "*.h", "*.ts", "*.svelte"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("the list of source files comes from git, and this is no checkout")
    long = [p for p in sources() if p.exists() and len(p.read_text().splitlines()) > 400]
    assert not long, [str(path.relative_to(ROOT)) for path in long]


@pytest.mark.parametrize("module", ["l2c", "l2c.engines", "l2c.engines.model", "l2c.light"])
def test_engines_load_without_the_server_the_store_or_the_web(module: str) -> None:
    heavy = "fastapi", "sqlalchemy", "httpx", "alembic", "typer", "rich", "pydantic"
    script = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
