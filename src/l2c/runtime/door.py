"""Who may come in: the local user, people who sign in, and programs with a key.

As long as nobody has a password, a server on loopback lets the machine's own callers in as the
local user; a server on any other address lets nobody in but whoever knows the code of its
console, to set up the first administrator. Once there is a password, everybody signs in.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from l2c import machine
from l2c.errors import InvalidInput, NotAdmitted, TooManyAttempts
from l2c.store import credentials
from l2c.store.accounts import AccountRow, Accounts
from l2c.store.audit import Audit
from l2c.store.credentials import ALL_SCOPES, Caller, Credentials, KeyRow, Scope
from l2c.store.database import Database
from l2c.store.files import SharedFiles
from l2c.store.passwords import KEY_BEGINNING, Passwords, new_token
from l2c.store.schema.accounts import AccountRole, Speaker

__all__ = ["AccountRole", "AccountRow", "Caller", "Door", "KeyRow", "Scope", "Speaker"]

FAILURES, FAILURES_OF_ANYBODY = 5, 50
"""How often somebody at one address, and everybody together, may be wrong about a name."""

FORGIVEN_AFTER_S = 900.0
_REMEMBERED = 10_000
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class Patience:
    """Counts failures, and says when there were too many of them lately."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def expect(self, who: str, at_most: int) -> None:
        """Raise `TooManyAttempts` when `who` failed `at_most` times within the last minutes."""
        with self._lock:
            lately = self._lately(who)
            if len(lately) >= at_most:
                raise TooManyAttempts(lately[-at_most] + FORGIVEN_AFTER_S - time.monotonic())

    def note(self, who: str) -> None:
        """Somebody failed."""
        with self._lock:
            self._failures[who] = [*self._lately(who), time.monotonic()][-FAILURES_OF_ANYBODY:]
            self._failures.move_to_end(who)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def forgive(self, who: str) -> None:
        """Somebody got it right."""
        with self._lock:
            self._failures.pop(who, None)

    def _lately(self, who: str) -> list[float]:
        since = time.monotonic() - FORGIVEN_AFTER_S
        return [at for at in self._failures.get(who, []) if at > since]


class Door:
    """Lets people and programs into a house."""

    def __init__(
        self,
        database: Database,
        *,
        page_token_file: Path,
        open_to_all: bool,
        files: SharedFiles | None = None,
    ) -> None:
        """`open_to_all` while nobody has a password: true on loopback without `--require-key`.

        `files` are those that several servers share.
        """
        self._database = database
        self._files = files
        self._page_token_file = page_token_file
        self._open_to_all = open_to_all
        self._patience = Patience()
        self.accounts = Accounts(database)
        self.audit = Audit(database)
        self.passwords = Passwords()
        self.code = "-".join(
            "".join(secrets.choice(_CODE_LETTERS) for _ in range(4)) for _ in range(4)
        )
        """What the console shows, and the set-up asks for."""

    def page_token(self) -> str:
        """What binds the page of this machine: the same for every start of the server."""
        try:
            return self._page_token_file.read_text("ascii")
        except FileNotFoundError:
            token = new_token()
            if self._files is not None:
                token = self._files.put(self._page_token_file.name, token.encode()).decode()
            machine.write_durably(self._page_token_file, token.encode())
            return token

    @property
    def needs_set_up(self) -> bool:
        """Whether nobody can come in before the first administrator is set up."""
        return not self._open_to_all and not self.accounts.has_password()

    def admit(self, bearer: str | None, cookie: str | None) -> Caller | None:
        """Who comes in with these; None for nobody in particular.

        Raises `NotAdmitted` for a key, or where one is needed any bearer, that is worth nothing.
        """
        if bearer is not None and bearer.startswith(KEY_BEGINNING):
            return self._expect(bearer)
        bound = self._open_to_all and self._is_the_pages(cookie)
        if cookie and not bound:
            caller = credentials.of_token(self._database, cookie)
            if caller is not None:
                return caller
        if self._open_to_all and (local := self.accounts.local_alone()) is not None:
            return _at_home(local, at_the_page=bound)
        return None if bearer is None else self._expect(bearer)

    def still_admitted(self, callers: Iterable[Caller]) -> set[Caller]:
        """Those of the callers with a credential who would be let in again, as the same."""
        return credentials.still_valid(self._database, callers)

    def set_up(self, code: str, name: str, password: str, *, address: str) -> str:
        """Make the first administrator; the token of its session.

        Raises `NotAdmitted` for a wrong code, `TooManyAttempts`, `Conflict` when it was done
        before, and `InvalidInput`.
        """
        self._patience.expect("set-up", FAILURES)
        given = code.strip().upper().encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.code.encode()):
            self._patience.note("set-up")
            self.audit.note("set-up failed", actor=None, address=address)
            raise NotAdmitted("That is not the code the server's console shows.")
        row = self.accounts.found(name, password=self.passwords.hash(password))
        self.audit.note("set up", actor=row.id, about=row.name, address=address)
        return Credentials(self._database, row.id).open_session()

    def sign_in(self, name: str, password: str, *, address: str) -> str:
        """The token of a new session. Raises `NotAdmitted`, `TooManyAttempts` and `Busy`."""
        here, anywhere = f"{address} {name.casefold()[:64]}", f"name {name.casefold()[:64]}"
        self._patience.expect(here, FAILURES)
        self._patience.expect(anywhere, FAILURES_OF_ANYBODY)
        row = self.accounts.find(name)
        usable = row is not None and not row.disabled
        right = self.passwords.verify(password, row.password if row and usable else None)
        if row is None or not right:
            self._patience.note(here)
            self._patience.note(anywhere)
            self.audit.note("sign-in failed", actor=None, about=name, address=address)
            raise NotAdmitted("Name or password is wrong.")
        self._patience.forgive(here)
        self.audit.note("signed in", actor=row.id, address=address)
        return Credentials(self._database, row.id).open_session()

    def sign_out(self, caller: Caller, *, address: str) -> None:
        """End the session of a caller; without effect for one who came with something else."""
        if caller.is_session and caller.credential is not None:
            Credentials(self._database, caller.user_id).end_session(caller.credential)
            self.audit.note("signed out", actor=caller.user_id, address=address)

    def change_password(self, caller: Caller, current: str, new: str, *, address: str) -> None:
        """Give a caller another password, which ends all their other sessions.

        Raises `NotAdmitted` when the current one is wrong, `TooManyAttempts`, `InvalidInput`.
        """
        who = f"password of {caller.user_id}"
        self._patience.expect(who, FAILURES)
        row = self.accounts.get(caller.user_id)
        if row.password is None:
            raise InvalidInput("The local user has no password; serve with --require-key first.")
        if not self.passwords.verify(current, row.password):
            self._patience.note(who)
            raise NotAdmitted("The current password is wrong.")
        kept = caller.credential if caller.is_session else None
        self.accounts.change(row.id, password=self.passwords.hash(new), keep_session=kept)
        self.audit.note("password changed", actor=row.id, address=address)

    def create_account(
        self, caller: Caller, name: str, password: str, role: AccountRole, *, address: str
    ) -> AccountRow:
        """Make an account. Raises `InvalidInput`, and `Conflict` when the name is taken."""
        row = self.accounts.create(name, role=role, password=self.passwords.hash(password))
        self.audit.note("account made", actor=caller.user_id, about=row.name, address=address)
        return row

    def change_account(
        self,
        caller: Caller,
        user_id: str,
        *,
        role: AccountRole | None = None,
        disabled: bool | None = None,
        password: str | None = None,
        address: str,
    ) -> AccountRow:
        """Change what is given of an account; it has to sign in again.

        Raises `NotFound`, and `Conflict` when nobody would be left to administer.
        """
        hashed = None if password is None else self.passwords.hash(password)
        row = self.accounts.change(user_id, role=role, disabled=disabled, password=hashed)
        given = {"role": role, "disabled": disabled, "password": password and "new"}
        what = ", ".join(f"{name}: {value}" for name, value in given.items() if value is not None)
        about = f"{row.name}: {what}"
        self.audit.note("account changed", actor=caller.user_id, about=about, address=address)
        return row

    def create_key(
        self,
        caller: Caller,
        name: str,
        scopes: Iterable[Scope],
        *,
        teaches: bool,
        expires_at: datetime | None,
        address: str,
    ) -> tuple[str, KeyRow]:
        """A key for a caller, which may do no more than the caller may. Raises `InvalidInput`."""
        wanted = frozenset(scopes)
        if not wanted <= caller.scopes:
            beyond = ", ".join(sorted(wanted - caller.scopes))
            raise InvalidInput(f"A key can pass on only what it may itself; found {beyond} too.")
        mine = Credentials(self._database, caller.user_id)
        key, row = mine.create_key(name, wanted, teaches=teaches, expires_at=expires_at)
        about = f"{name}: {' '.join(row.scopes)}"
        self.audit.note("key made", actor=caller.user_id, about=about, address=address)
        return key, row

    def issue_key(self, user_id: str, name: str, scopes: Iterable[Scope], *, teaches: bool) -> str:
        """A key for somebody, made on the machine itself; the key."""
        key, row = Credentials(self._database, user_id).create_key(name, scopes, teaches=teaches)
        about = f"{name}: {' '.join(row.scopes)}"
        self.audit.note("key made", actor=user_id, about=about, address="console")
        return key

    def revoke_key(self, caller: Caller, key_id: str, *, address: str) -> None:
        """Make a key of a caller worthless. Raises `NotFound`."""
        Credentials(self._database, caller.user_id).revoke_key(key_id)
        self.audit.note("key revoked", actor=caller.user_id, about=key_id, address=address)

    def credentials(self, caller: Caller) -> Credentials:
        """The sessions and keys of a caller."""
        return Credentials(self._database, caller.user_id)

    def _expect(self, token: str) -> Caller:
        caller = credentials.of_token(self._database, token)
        if caller is None:
            raise NotAdmitted("This key is unknown, expired or revoked.")
        return caller

    def _is_the_pages(self, cookie: str | None) -> bool:
        return cookie is not None and hmac.compare_digest(
            cookie.encode("utf-8", "replace"), self.page_token().encode()
        )


def _at_home(row: AccountRow, *, at_the_page: bool) -> Caller:
    """The local user, who may do everything."""
    local = Caller(row.id, row.name, AccountRole.ADMINISTRATOR, ALL_SCOPES, credential=None)
    return replace(local, at_the_page=at_the_page)
