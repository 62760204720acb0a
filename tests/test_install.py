"""`pip install .` into an empty environment gives a working `l2c`, with and without a compiler."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_BYTES = 150 << 20
"""Of everything that installing L2C brings, as it lies in the wheels.

Python writes byte code beside it, 50 MB of it, unless `pip install --no-compile` is asked for.
"""

CAME_WITH_VENV = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / ".git").exists(),
        reason="the clean copy is cloned with git; this is no checkout",
    ),
]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command printed; its error output when it fails."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=inherited | environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of what is committed."""
    folder = tmp_path_factory.mktemp("clone")
    run("git", "clone", "--quiet", ROOT, folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment into which only L2C was installed."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    programs = home / ("Scripts" if sys.platform == "win32" else "bin")
    run(programs / "python", "-m", "pip", "install", "--quiet", ".", cwd=clone)
    return programs


def test_the_installed_program_answers(installed: Path, tmp_path: Path) -> None:
    answer = run(
        installed / "l2c",
        "chat",
        "--prompt",
        "Hello",
        "--data-dir",
        tmp_path / "data",
        cwd=tmp_path,
    )
    assert answer.strip()


def test_kernels_page_and_starter_are_inside(installed: Path, tmp_path: Path) -> None:
    looks = (
        "from pathlib import Path; import l2c; from l2c.kernels import binding; "
        "home = Path(l2c.__file__).parent; "
        "print(binding.available(), (home / 'web/index.html').exists(), "
        "(home / 'starter/le.safetensors').exists())"
    )
    assert run(installed / "python", "-c", looks, cwd=tmp_path).split() == ["True"] * 3


def test_it_is_small_and_brings_no_torch(installed: Path, tmp_path: Path) -> None:
    packages = run(
        installed / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
        cwd=tmp_path,
    )  # fmt: skip
    folder = Path(packages.strip())
    files = [path for path in folder.rglob("*") if path.is_file()]
    own = [path for path in files if path.relative_to(folder).parts[0] not in CAME_WITH_VENV]
    own = [path for path in own if path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in own) <= MOST_BYTES
    assert not (folder / "torch").exists()


def test_without_a_compiler_it_installs_and_says_what_it_does_without(
    installed: Path, clone: Path, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    run(
        installed / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", wheels, clone,
        cwd=tmp_path, CC=str(tmp_path / "no-such-compiler"),
    )  # fmt: skip
    (wheel,) = wheels.glob("*.whl")
    target = tmp_path / "site"
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", target, wheel)
    run(installed / "python", *install, cwd=tmp_path)
    assert not list((target / "l2c" / "kernels").glob("*.so"))
    answers = subprocess.run(
        [str(installed / "python"), "-m", "l2c", "generate", "--length", "20",
         "--data-dir", str(tmp_path / "data")],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(target)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert answers.returncode == 0, answers.stderr
    assert answers.stdout.startswith("Hello")
    assert answers.stderr.count("NumPy twins are used instead") == 1
