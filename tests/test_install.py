"""L2C installed from a clean clone by the container's recipe, step by step, without its engine.

Into an empty environment go the locked packages and L2C; what comes out must answer, serve, be
small, and do without a compiler. The recipe itself is linted.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dockerfile_parse import DockerfileParser

from l2c.store.postgresql import PostgreSQL

ROOT = Path(__file__).parent.parent
MOST_BYTES = 152 << 20
"""Of everything that installing L2C brings, as it lies in the wheels.

Python writes byte code beside it, 50 MB of it, unless `pip install --no-compile` is asked for.
"""

OTHERS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "psycopg")
"""What came with the empty environment, and the image's extra for PostgreSQL."""

of_a_clean_clone = pytest.mark.skipif(
    not (ROOT / ".git").exists(),
    reason="the clean copy is cloned with git; this is no checkout",
)


def steps(instruction: str, *, stage: int) -> list[str]:
    """What is given to an instruction in a stage (the first is 1), in order."""
    with open(ROOT / "Dockerfile", "rb") as file:
        lines = DockerfileParser(fileobj=file).structure
    begins = [at for at, line in enumerate(lines) if line["instruction"] == "FROM"] + [len(lines)]
    its = lines[begins[stage - 1] : begins[stage]]
    return [line["value"] for line in its if line["instruction"] == instruction]


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
    """What goes into the image of what is committed; what is left out must not be needed."""
    folder = tmp_path_factory.mktemp("clone")
    run("git", "clone", "--quiet", ROOT, folder, cwd=ROOT)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    for entry in folder.iterdir():
        if entry.name not in kept:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return folder


@pytest.fixture(scope="module")
def installed(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the environment that the steps of the first stage make."""
    home = tmp_path_factory.mktemp("image") / "l2c"
    compiler, *commands = steps("RUN", stage=1)
    assert compiler.startswith("apt-get ")  # this machine's own stands for Debian's
    python = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        here = command.replace("/opt/l2c", str(home)).replace("python ", "python3 ", 1)
        here = here.replace(" --no-cache-dir", "")
        run("bash", "-euc", here, cwd=clone, PATH=python, PIP_NO_COMPILE="1")
    return home / "bin"


def test_the_recipe_is_sound() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint has no build for this machine")
    done = subprocess.run(
        [hadolint, "--no-color", "--failure-threshold", "warning", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_program_is_not_root_and_writes_to_its_volume_only() -> None:
    assert steps("USER", stage=2)[-1] != "root"
    assert steps("VOLUME", stage=2) == ["/data"]
    compose = (ROOT / "compose.yaml").read_text()
    assert "read_only: true" in compose
    assert "cap_drop: [ALL]" in compose


def test_the_store_of_the_compose_file_is_one_the_image_can_use() -> None:
    compose = (ROOT / "compose.yaml").read_text()
    addresses = re.findall(r"L2C_DATABASE_URL: (\S+?)\$\{.*\}(\S+)", compose)
    (address,) = ("secret".join(parts) for parts in addresses)
    assert PostgreSQL(address).name == "postgresql+psycopg://l2c:***@database/l2c"
    (lock,) = re.findall(r"--requirement (\S+)", " ".join(steps("RUN", stage=1)))
    assert "psycopg-binary==" in (ROOT / lock).read_text()
    assert "condition: service_healthy" in compose


@of_a_clean_clone
@pytest.mark.slow
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


@of_a_clean_clone
@pytest.mark.slow
def test_the_locked_packages_are_those_it_asks_for(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "pip", "check", cwd=tmp_path).strip() == "No broken requirements found."


@of_a_clean_clone
@pytest.mark.slow
def test_kernels_page_and_starter_are_inside_and_no_source(installed: Path, tmp_path: Path) -> None:
    looks = (
        "from pathlib import Path; import l2c; from l2c.kernels import binding; "
        "home = Path(l2c.__file__).parent; "
        "print(binding.available(), (home / 'web/index.html').exists(), "
        "(home / 'starter/le.safetensors').exists(), not list(home.rglob('*.c')))"
    )
    assert run(installed / "python", "-c", looks, cwd=tmp_path).split() == ["True"] * 4


@of_a_clean_clone
@pytest.mark.slow
def test_it_is_small_and_brings_no_torch(installed: Path, tmp_path: Path) -> None:
    packages = run(
        installed / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
        cwd=tmp_path,
    )  # fmt: skip
    folder = Path(packages.strip())
    files = [path for path in folder.rglob("*") if path.is_file()]
    own = [path for path in files if not path.relative_to(folder).parts[0].startswith(OTHERS)]
    own = [path for path in own if path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in own) <= MOST_BYTES
    assert not (folder / "torch").exists()


@of_a_clean_clone
@pytest.mark.slow
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


@contextlib.contextmanager
def serving(installed: Path, data: Path, port: int) -> Iterator[None]:
    command = json.loads(steps("CMD", stage=2)[-1])
    here = [str(installed / command[0]), *command[1:-1], str(port)]
    server = subprocess.Popen(here, cwd="/", env={"L2C_DATA_DIR": str(data), "PATH": "/usr/bin"})
    try:
        yield
    finally:
        server.terminate()
        assert server.wait(30) == 0


@of_a_clean_clone
@pytest.mark.slow
def test_what_the_steps_build_serves_and_is_found_healthy(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    check = json.loads(steps("HEALTHCHECK", stage=2)[-1].split("CMD", 1)[1])
    here = [str(installed / check[0]), *(part.replace("8000", str(port)) for part in check[1:])]
    assert subprocess.run(here, stderr=subprocess.DEVNULL).returncode == 1
    with serving(installed, tmp_path / "data", port):
        until = time.monotonic() + 60
        while subprocess.run(here, stderr=subprocess.DEVNULL).returncode:
            assert time.monotonic() < until, "the server was not found healthy within a minute"
        page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
    assert page.url.path == "/setup"
