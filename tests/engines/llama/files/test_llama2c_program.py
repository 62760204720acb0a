"""Files written here run in llama2.c itself, whose folder `LLAMA2C_DIR` names."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from l2c.engines.engine import Sampler
from l2c.engines.llama.files.model_file import ModelFile, language_model, model_file
from l2c.text.sentencepiece import SPACE, SentencePieceTokenizer
from l2c.text.sentencepiece_training import train_sentencepiece
from l2c.text.tokenizer import Control
from tests.engines.llama.files.made import (
    from_llama2c,
    llama2c_bytes,
    model,
    put,
    sentencepiece,
    words_of,
)
from tests.text.nasty import CORPUS

WRITTEN = 200


def program(name: str, tmp_path: Path) -> Path:
    """`run` or `runq`, compiled without what changes the sums."""
    folder = os.environ.get("LLAMA2C_DIR")
    if folder is None or not (Path(folder) / f"{name}.c").is_file():
        pytest.skip("needs llama2.c: LLAMA2C_DIR names its folder")
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    made = tmp_path / name
    source = Path(folder) / f"{name}.c"
    subprocess.run([compiler, "-O2", "-w", "-o", str(made), str(source), "-lm"], check=True)
    return made


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("vocabulary", ["trained", "sentencepiece"])
def test_llama2c_writes_the_same_two_hundred_tokens(
    vocabulary: str, tied: bool, tmp_path: Path
) -> None:
    run = program("run", tmp_path)
    pytest.importorskip("sentencepiece", reason="needs the SentencePiece library")
    tokenizer = (
        train_sentencepiece([CORPUS], 400) if vocabulary == "trained" else sentencepiece(ours=False)
    )
    file = model_file(model(tokenizer, context=256, tied=tied))
    assert wrote(run, file, 0, tmp_path) == expected(file)


def test_runq_writes_what_its_bytes_say(tmp_path: Path) -> None:
    runq = program("runq", tmp_path)
    file = model_file(model(sentencepiece(), context=256, dim=64, hidden=128))
    read = from_llama2c(llama2c_bytes(file, 2), words_of(file))
    # What goes into a matrix is rounded to bytes there too, so only the beginning is the same.
    assert wrote(runq, file, 2, tmp_path)[:12] == expected(read)[:12]


def wrote(run: Path, file: ModelFile, version: int, folder: Path) -> bytes:
    """What the program writes greedily after the text ` the and`."""
    path = put(folder / "m.bin", llama2c_bytes(file, version))
    words = put(folder / "tokenizer.bin", words_of(file))
    asked = ["-z", str(words), "-t", "0", "-n", str(WRITTEN), "-i", "the and"]
    ran = subprocess.run([str(run), str(path), *asked], capture_output=True, check=True, timeout=60)
    return ran.stdout


def expected(file: ModelFile) -> bytes:
    """The same from L2C, as that program prints it: no byte alone that cannot be seen."""
    own = language_model(file)
    # The program puts a space first whatever the vocabulary says.
    assert isinstance(file.tokenizer, SentencePieceTokenizer)
    text = "the and" if file.tokenizer.space_first else " the and"
    prompt = [Control.START, *own.tokenizer.encode(text)]
    _, state = own.engine.advance(np.array(prompt, np.int32))
    greedy = Sampler(temperature=0, stop=(Control.START,))
    tokens = own.engine.generate(state, WRITTEN - len(prompt) + 1, greedy, seed=0).tokens.tolist()
    pieces = file.tokenizer.vocabulary.pieces
    printed = []
    for i in file.tokenizer.to_file([*prompt[1:], *tokens]):
        byte = pieces[i].startswith("<0x")
        piece = bytes([int(pieces[i][3:5], 16)]) if byte else _printed(pieces[i])
        if len(piece) > 1 or piece.isspace() or 32 <= piece[0] < 127:
            printed.append(piece)
    return b"".join(printed).removeprefix(b" ") + b"\n"


def _printed(piece: str) -> bytes:
    return {"</s>": b"\n</s>\n"}.get(piece, piece.replace(SPACE, " ").encode())
