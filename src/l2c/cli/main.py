"""The command `l2c`: its commands, and the one place where errors become exit codes.

Exit codes: 0 done; 1 it could not be done, one line on standard error says why; 2 the command
line was not understood (`l2c health` has codes of its own). `--json` prints one JSON value for
programs.
"""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from l2c.cli import (
    accounts,
    backup,
    chat,
    documents,
    dream,
    evaluate,
    forget,
    generate,
    health,
    inspect,
    learn,
    memory,
    models,
    notes,
    porting,
    providers,
    recall,
    serve,
    stats,
    store,
    tokenizer,
    train,
)
from l2c.errors import L2CError

app = typer.Typer(
    name="l2c",
    help="Learn to chat: small language models of your own that keep learning from you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("chat")(chat.chat)
app.command("generate")(generate.generate)
app.command("train")(train.train)
app.command("dream")(dream.dream)
app.command("eval")(evaluate.evaluate)
app.command("inspect")(inspect.inspect)
app.command("learn")(learn.learn)
app.command("recall")(recall.recall)
app.command("forget")(forget.forget)
app.command("stats")(stats.stats)
app.command("health")(health.health)
app.command("export")(porting.export)
app.command("import")(porting.import_)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(documents.app, name="documents")
app.add_typer(accounts.app, name="accounts")
app.add_typer(memory.app, name="memory")
app.add_typer(models.app, name="models")
app.add_typer(notes.app, name="notes")
app.add_typer(store.app, name="store")
app.add_typer(tokenizer.app, name="tokenizer")
app.add_typer(providers.app, name="providers")


def main() -> None:
    """Run the command line of this process, and leave with its exit code."""
    try:
        app()
    except L2CError as error:
        sys.exit(_say(str(error)))
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(map(str, first["loc"]))
        sys.exit(_say(f"The setting {setting} is wrong: {first['msg']}; found {first['input']!r}."))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(reason: str) -> int:
    print(f"l2c: {' '.join(reason.split())}", file=sys.stderr)
    return 1
