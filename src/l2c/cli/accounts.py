"""`l2c accounts`: who may use this installation, from the machine it runs on."""

from __future__ import annotations

from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json, say
from l2c.errors import NotFound
from l2c.runtime import Runtime
from l2c.runtime.door import AccountRole, AccountRow, Scope

app = typer.Typer(
    help="List who may come in, add somebody, give a password or a key.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
NewPassword = Annotated[
    str,
    typer.Option(
        "--password",
        prompt=True,
        hide_input=True,
        confirmation_prompt=True,
        envvar="L2C_PASSWORD",
        help="Asked for when it is not given.",
    ),
]


@app.command("list")
def list_accounts(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List everybody."""
    with open_runtime(data_dir) as runtime:
        rows = runtime.house.door.accounts.all()
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    for row in rows:
        state = "disabled" if row.disabled else "signs in" if row.password else "no password"
        console.print(f"{cell(row.name)}  {row.role.value}  {state}")


@app.command()
def add(
    name: Name,
    password: NewPassword,
    administrator: Annotated[bool, typer.Option("--administrator")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Let somebody in. The first one is the administrator, and takes over what is here."""
    with open_runtime(data_dir) as runtime:
        door = runtime.house.door
        hashed = door.passwords.hash(password)
        if door.accounts.has_password():
            role = AccountRole.ADMINISTRATOR if administrator else AccountRole.USER
            row = door.accounts.create(name, role=role, password=hashed)
        else:
            row = door.accounts.found(name, password=hashed)
        door.audit.note("account made", actor=None, about=row.name, address="console")
    _tell(row, f"{row.name} may sign in as {row.role.value}.", as_json=as_json)


@app.command()
def password(
    name: Name, password: NewPassword, data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Give somebody a new password; they are signed out everywhere."""
    with open_runtime(data_dir) as runtime:
        door, row = runtime.house.door, _named(runtime, name)
        row = door.accounts.change(row.id, password=door.passwords.hash(password))
        door.audit.note("password changed", actor=None, about=row.name, address="console")
    _tell(row, f"{row.name} has a new password.", as_json=as_json)


@app.command()
def key(
    name: Name,
    label: Annotated[str, typer.Option("--name", help="What the key is for.")] = "console",
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may be used for.")] = None,
    teaches: Annotated[
        bool, typer.Option("--teaches", help="Learn what programs say with it.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a key for a program of somebody's, and print it; it is not shown again."""
    with open_runtime(data_dir) as runtime:
        door, row = runtime.house.door, _named(runtime, name)
        scopes = scope or [Scope.READ, Scope.CHAT]
        secret = door.issue_key(row.id, label, scopes, teaches=teaches)
    if as_json:
        print_json({"secret": secret})
    else:
        say(secret)


def _named(runtime: Runtime, name: str) -> AccountRow:
    row = runtime.house.door.accounts.find(name)
    if row is None:
        raise NotFound(f"There is no account called {name!r}; `l2c accounts list` shows them.")
    return row


def _tell(row: AccountRow, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_plain(row))
    else:
        say(done)


def _plain(row: AccountRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "disabled": row.disabled,
        "signs_in": row.password is not None,
    }
