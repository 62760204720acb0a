"""`/app/v1/login`, `setup`, `account`, `sessions`, `keys`, `accounts`, `audit`: who comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from l2c.runtime.door import AccountRole, Scope
from l2c.server.access import Address, Somebody, TheDoor
from l2c.server.entrance import cookie
from l2c.server.values import ERRORS, Value
from l2c.server.values import Request as Wanted

router = APIRouter(prefix="/app/v1", tags=["accounts"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class SignIn(Wanted):
    """A name and its password."""

    name: Name
    password: Password


class SetUp(SignIn):
    """The first administrator, and the code that the server's console shows."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class Account(Value):
    """Who somebody is; never their password."""

    id: str
    name: str
    role: AccountRole
    disabled: bool
    created_at: str


class OwnAccount(Account):
    """Who one is oneself, and what one may do with what one came with."""

    scopes: list[Scope]
    signed_in: bool


class NewPassword(Wanted):
    """The password one has, and the one to have from now on."""

    current: Password
    password: Password


class NewAccount(SignIn):
    """Somebody who may come in."""

    role: AccountRole = AccountRole.USER


class ChangedAccount(Wanted):
    """What may be changed about somebody; what is left out stays."""

    role: AccountRole | None = None
    disabled: bool | None = None
    password: Password | None = None


class Accounts(Value):
    """Everybody, the oldest account first."""

    accounts: list[Account]


class Session(Value):
    """A browser that signed in."""

    id: str
    created_at: str
    expires_at: str
    current: bool


class Sessions(Value):
    """One's own sessions, the newest first."""

    sessions: list[Session]


class Key(Value):
    """A key, by its last letters."""

    id: str
    name: str
    ending: str
    scopes: list[Scope]
    teaches: bool
    created_at: str
    expires_at: str | None


class NewKey(Wanted):
    """What a key is for. `teaches` has the dialects keep and learn what is said with it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    teaches: bool = False
    expires_at: AwareDatetime | None = None


class MadeKey(Value):
    """The key itself, told only once, and what it is."""

    secret: str
    key: Key


class Keys(Value):
    """One's own keys, the newest first."""

    keys: list[Key]


class Entry(Value):
    """Something that happened at the door."""

    seq: int
    at: str
    actor: str | None
    event: str
    about: str
    address: str


class Log(Value):
    """One page of the audit log; `next` is given as `before` to get the following one."""

    entries: list[Entry]
    next: int | None


def _with_session(request: Request, response: Response, token: str, *, age_s: int) -> None:
    response.headers["set-cookie"] = cookie(token, request.headers, request.scope, age_s=age_s)


SESSION_AGE_S = 30 * 24 * 3600


@router.post("/setup", status_code=204)
def set_up(door: TheDoor, request: Request, address: Address, wanted: SetUp) -> Response:
    """Make the first administrator, with the code of the console, and sign them in."""
    token = door.set_up(wanted.code, wanted.name, wanted.password, address=address)
    response = Response(status_code=204)
    _with_session(request, response, token, age_s=SESSION_AGE_S)
    return response


@router.post("/login", status_code=204)
def sign_in(door: TheDoor, request: Request, address: Address, wanted: SignIn) -> Response:
    """Sign in; the session comes back as a cookie no script can read."""
    token = door.sign_in(wanted.name, wanted.password, address=address)
    response = Response(status_code=204)
    _with_session(request, response, token, age_s=SESSION_AGE_S)
    return response


@router.post("/logout", status_code=204)
def sign_out(door: TheDoor, caller: Somebody, request: Request, address: Address) -> Response:
    """End this session, and what goes on for it."""
    door.sign_out(caller, address=address)
    response = Response(status_code=204)
    _with_session(request, response, "", age_s=0)
    return response


@router.get("/account")
def own_account(door: TheDoor, caller: Somebody) -> OwnAccount:
    """Who one is, and what one may do."""
    account = Account.model_validate(door.accounts.get(caller.user_id))
    scopes = [scope for scope in Scope if scope in caller.scopes]
    return OwnAccount(**account.model_dump(), scopes=scopes, signed_in=caller.is_session)


@router.patch("/account")
def change_password(
    door: TheDoor, caller: Somebody, address: Address, wanted: NewPassword
) -> OwnAccount:
    """Change one's password; all other sessions end."""
    door.change_password(caller, wanted.current, wanted.password, address=address)
    return own_account(door, caller)


@router.get("/sessions")
def sessions(door: TheDoor, caller: Somebody) -> Sessions:
    """Where one is signed in."""
    return Sessions(
        sessions=[
            Session(
                id=row.id,
                created_at=row.created_at,
                expires_at=row.expires_at,
                current=row.id == caller.credential,
            )
            for row in door.credentials(caller).sessions()
        ]
    )


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(door: TheDoor, caller: Somebody, session_id: Id) -> Response:
    """Sign a browser out, and end what goes on for it."""
    door.credentials(caller).end_session(session_id)
    return Response(status_code=204)


@router.get("/keys")
def keys(door: TheDoor, caller: Somebody) -> Keys:
    """One's own keys."""
    return Keys(keys=[Key.model_validate(row) for row in door.credentials(caller).api_keys()])


@router.post("/keys", status_code=201)
def create_key(door: TheDoor, caller: Somebody, address: Address, wanted: NewKey) -> MadeKey:
    """A key for a program. It is shown now and never again."""
    expires_at: datetime | None = wanted.expires_at
    secret, row = door.create_key(
        caller,
        wanted.name,
        wanted.scopes,
        teaches=wanted.teaches,
        expires_at=expires_at,
        address=address,
    )
    return MadeKey(secret=secret, key=Key.model_validate(row))


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(door: TheDoor, caller: Somebody, address: Address, key_id: Id) -> Response:
    """Make a key worthless, and end what goes on with it."""
    door.revoke_key(caller, key_id, address=address)
    return Response(status_code=204)


@router.get("/accounts")
def list_accounts(door: TheDoor) -> Accounts:
    """Everybody who may come in."""
    return Accounts(accounts=[Account.model_validate(row) for row in door.accounts.all()])


@router.post("/accounts", status_code=201)
def create_account(
    door: TheDoor, caller: Somebody, address: Address, wanted: NewAccount
) -> Account:
    """Let somebody in, with a first password they should change."""
    row = door.create_account(caller, wanted.name, wanted.password, wanted.role, address=address)
    return Account.model_validate(row)


@router.patch("/accounts/{account_id}")
def change_account(
    door: TheDoor, caller: Somebody, address: Address, account_id: Id, wanted: ChangedAccount
) -> Account:
    """Change somebody's role or password, or keep them out; they have to sign in again."""
    row = door.change_account(
        caller, account_id, **wanted.model_dump(exclude_none=True), address=address
    )
    return Account.model_validate(row)


@router.get("/audit")
def audit(
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Log:
    """What happened at the door, the newest first."""
    found, following = door.audit.entries(limit=limit, before=before)
    return Log(entries=[Entry.model_validate(row) for row in found], next=following)
