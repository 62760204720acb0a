"""The container's recipe: linted, and its steps run as a script where no container engine is."""

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
NEEDS_A_CHECKOUT = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="the image is built from what git holds"
)


def steps(instruction: str, *, stage: int) -> list[str]:
    """What is given to an instruction in a stage (the first is 1), in order."""
    with open(ROOT / "Dockerfile", "rb") as file:
        lines = DockerfileParser(fileobj=file).structure
    begins = [at for at, line in enumerate(lines) if line["instruction"] == "FROM"] + [len(lines)]
    its = lines[begins[stage - 1] : begins[stage]]
    return [line["value"] for line in its if line["instruction"] == instruction]


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


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the steps of the first stage build, from what git holds, in a folder of its own."""
    place = tmp_path_factory.mktemp("image")
    sources = place / "l2c"
    subprocess.run(["git", "clone", "--quiet", ROOT, sources], check=True)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    for entry in sources.iterdir():  # what does not go into the image must not be needed
        if entry.name not in kept:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    compiler, *commands = steps("RUN", stage=1)
    assert compiler.startswith("apt-get ")  # this machine's own stands for Debian's
    for command in commands:
        here = command.replace("/opt/l2c", str(place / "opt")).replace("python ", "python3 ", 1)
        path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", here], cwd=sources, env=os.environ | {"PATH": path},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
    return place / "opt"


@contextlib.contextmanager
def serving(image: Path, data: Path, port: int) -> Iterator[None]:
    command = json.loads(steps("CMD", stage=2)[-1])
    here = [str(image / "bin" / command[0]), *command[1:-1], str(port)]
    server = subprocess.Popen(here, cwd="/", env={"L2C_DATA_DIR": str(data), "PATH": "/usr/bin"})
    try:
        yield
    finally:
        server.terminate()
        assert server.wait(30) == 0


@NEEDS_A_CHECKOUT
@pytest.mark.slow
def test_what_the_steps_build_serves_and_is_found_healthy(image: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    check = json.loads(steps("HEALTHCHECK", stage=2)[-1].split("CMD", 1)[1])
    here = [str(image / "bin" / check[0]), *(part.replace("8000", str(port)) for part in check[1:])]
    assert subprocess.run(here, stderr=subprocess.DEVNULL).returncode == 1
    with serving(image, tmp_path / "data", port):
        until = time.monotonic() + 60
        while subprocess.run(here, stderr=subprocess.DEVNULL).returncode:
            assert time.monotonic() < until, "the server was not found healthy within a minute"
        page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
    assert page.url.path == "/setup"
