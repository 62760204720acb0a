"""`l2c tokenizer`: how texts are cut into tokens; vocabularies of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, ModelName, open_runtime, print_json, say
from l2c.runtime import vocabularies
from l2c.runtime.vocabularies import Tokenizer

app = typer.Typer(
    help="Learn a vocabulary from text files, try it, write it for llama2.c.", no_args_is_help=True
)

Vocabulary = Annotated[
    Path | None,
    typer.Option("--tokenizer", help="A tokenizer.model or tokenizer.bin, instead of a model's."),
]


@app.command("train")
def train(
    files: Annotated[list[Path], typer.Argument(help="Text files.", dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path(
        "tokenizer.model"
    ),
    size: Annotated[
        int, typer.Option(min=265, max=262_144, help="How many tokens it has at most.")
    ] = 4096,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Learn a SentencePiece vocabulary; the same files give the same one."""
    del data_dir  # every command takes it; a vocabulary is kept where `--out` says
    trained = vocabularies.train(files, out, size=size)
    if as_json:
        print_json(trained)
    else:
        fit = f"{trained.characters_per_token:.2f} characters a token"
        say(f"{trained.tokens} tokens, {fit}, in {trained.file}.")


@app.command("encode")
def encode(
    text: Annotated[str, typer.Argument(help="The text.")],
    tokenizer: Vocabulary = None,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Print the ids of a text, as the file numbers them."""
    ids = vocabularies.encode(_chosen(tokenizer, model, data_dir), text)
    if as_json:
        print_json(ids)
    else:
        say(" ".join(map(str, ids)))


@app.command("decode")
def decode(
    ids: Annotated[list[int], typer.Argument(help="The ids.")],
    tokenizer: Vocabulary = None,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Print the text of ids."""
    text = vocabularies.decode(_chosen(tokenizer, model, data_dir), ids)
    if as_json:
        print_json(text)
    else:
        say(text)


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="The file: tokenizer.bin, or NAME.model.")],
    tokenizer: Vocabulary = None,
    model: ModelName = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write a vocabulary as llama2.c's tokenizer.bin, or as SentencePiece's NAME.model."""
    size = vocabularies.export(_chosen(tokenizer, model, data_dir), out)
    if as_json:
        print_json({"file": str(out), "size_bytes": size})
    else:
        say(f"Written: {size:,} bytes in {out}")


def _chosen(tokenizer: Path | None, model: str | None, data_dir: Path | None) -> Tokenizer:
    """The vocabulary of a file, else of a model."""
    if tokenizer is not None:
        return vocabularies.read(tokenizer)
    with open_runtime(data_dir) as runtime:
        return runtime.catalog.answering(model)[1].tokenizer
