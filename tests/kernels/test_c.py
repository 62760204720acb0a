"""The C programs of `tests/c`, built with sanitizers and run.

They use the kernels as any C program would: the public header, memory of their own, several
threads. AddressSanitizer and UndefinedBehaviorSanitizer stop at the first read past an array's end;
ThreadSanitizer at the first memory two threads touch without having met.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler
from l2c.engines.llama.files.model_file import model_file
from l2c.text.template import encode_prompt
from l2c.text.tokenizer import Control
from tests.engines.llama.files import made

ROOT = Path(__file__).parent.parent.parent
COMPILER = shutil.which(os.environ.get("CC", "cc"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        COMPILER is None and os.environ.get("CI") != "true", reason="no C compiler is installed"
    ),
]


def run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def build(folder: Path, *options: str, targets: tuple[str, ...] = ("all",)) -> None:
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-D", "L2C_WERROR=ON", *options)
    run("cmake", "--build", folder, "--target", *targets)


def test_the_c_tests_pass_under_address_and_undefined_behaviour_sanitizers(tmp_path: Path) -> None:
    build(tmp_path, "-D", "L2C_TESTS=ON", "-D", "L2C_SANITIZE=address,undefined")
    run("ctest", "--test-dir", tmp_path, "--output-on-failure", "--no-tests=error")


def test_threads_never_touch_the_same_memory_without_having_met(tmp_path: Path) -> None:
    targets = ("test_lstm_all", "test_llama_all")
    build(tmp_path, "-D", "L2C_TESTS=ON", "-D", "L2C_SANITIZE=thread", targets=targets)
    run("ctest", "--test-dir", tmp_path, "--output-on-failure", "-R", "test_lstm|test_llama")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`make lib`: headers and library alone, no source of this project."""
    folder = tmp_path_factory.mktemp("library")
    build(folder / "build", "-D", "L2C_LIBRARY=ON", "-D", "CMAKE_BUILD_TYPE=Release")
    run("cmake", "--install", folder / "build", "--prefix", folder / "installed")
    return folder / "installed"


def test_an_installed_library_is_enough_to_compile_against(installed: Path, tmp_path: Path) -> None:
    source, program = tmp_path / "program.c", tmp_path / "program"
    source.write_text(
        '#include "l2c.h"\n'
        "int main(void)\n"
        "{\n"
        "    l2c_lstm_shape shape = {96, 128, 1, 1};\n"
        "    int right_version = l2c_abi_version() == L2C_ABI_VERSION;\n"
        "    return right_version && l2c_lstm_parameter_count(&shape) > 0 ? 0 : 1;\n"
        "}\n"
    )
    include, library = installed / "include", installed / "lib"
    assert COMPILER is not None
    for standard in ("-std=c11", "-std=c99"):
        run(COMPILER, standard, "-Wall", "-Wextra", "-Werror", source, "-o", program, "-I", include,
            "-L", library, "-ll2c", f"-Wl,-rpath,{library}")  # fmt: skip
        run(program)


def test_without_a_compiler_the_build_goes_on_without_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", str(tmp_path / "no-such-compiler"))
    configured = subprocess.run(
        ["cmake", "-S", ROOT, "-B", tmp_path / "build", "-G", "Ninja"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no C compiler found; building without kernels" in configured.stdout
    run("cmake", "--build", tmp_path / "build")


def test_a_chat_of_under_sixty_lines_of_c_writes_what_python_writes(
    installed: Path, tmp_path: Path
) -> None:
    """`examples/talk.c` against the installed library, with a model that Python wrote."""
    source = ROOT / "examples" / "talk.c"
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 60
    program, strict = tmp_path / "talk", ("-std=c11", "-Wall", "-Wextra", "-Werror")
    link = f"-L{installed / 'lib'}", "-ll2c", f"-Wl,-rpath,{installed / 'lib'}"
    assert COMPILER is not None
    run(COMPILER, *strict, f"-I{installed / 'include'}", source, *link, "-o", program)
    own = made.model(made.sentencepiece(), context=400)
    made.put(tmp_path / "m.bin", made.llama2c_bytes(model_file(own)))
    made.put(tmp_path / "m.words", made.words_of(model_file(own)))
    talked = subprocess.run(
        [program, tmp_path / "m.bin", tmp_path / "m.words"],
        input=b"the and\n", capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    prompt = np.array(encode_prompt([Message(Role.USER, "the and")], own.tokenizer), np.int32)
    greedy = Sampler(temperature=0, stop=(Control.END, Control.START))
    _, state = own.engine.advance(prompt)
    tokens = own.engine.generate(state, 100, greedy, seed=1).tokens.tolist()
    pieces = [_piece(own.tokenizer.token_bytes(token), token) for token in tokens]
    assert len(tokens) > 5
    assert talked.stdout == b"".join(pieces) + b"\n"


def _piece(spoken: bytes, token: int) -> bytes:
    """What C prints for a token; a control token is its name there."""
    names = made.sentencepiece().vocabulary
    if token >= len(Control):
        return spoken
    return b"" if token == Control.UNKNOWN else names.pieces[names.in_file()[token]].encode()
