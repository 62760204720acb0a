"""Accounts, what people and programs come in with, and what each speaker's words may become."""

from datetime import timedelta

import pytest

from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store import credentials, passwords
from l2c.store.accounts import Accounts
from l2c.store.audit import KEPT, Audit
from l2c.store.credentials import ALL_SCOPES, MOST_SESSIONS, Caller, Credentials, Scope
from l2c.store.database import Database
from l2c.store.passwords import Passwords
from l2c.store.schema.accounts import AccountRole, Speaker
from l2c.store.speakers import RULES, Speakers
from tests.store.talk import Clock


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database)


def caller(database: Database, token: str) -> Caller:
    found = credentials.of_token(database, token)
    assert found is not None
    return found


def everything(database: Database) -> str:
    with database.read() as connection:
        return "".join(
            str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            for table in ("account", "session", "api_key", "audit")
        )


# Accounts


def test_the_local_user_is_one_and_administers(accounts: Accounts) -> None:
    assert accounts.local() == accounts.local()
    (row,) = accounts.all()
    assert (row.name, row.role, row.local, row.password) == (
        "local", AccountRole.ADMINISTRATOR, True, None,
    )  # fmt: skip
    assert not accounts.has_password()


def test_the_first_administrator_is_the_local_user_with_a_name(accounts: Accounts) -> None:
    local = accounts.local()
    assert accounts.found("  Zoë ", password="hash").id == local
    assert accounts.has_password()
    assert accounts.local() == local
    with pytest.raises(Conflict, match="done already"):
        accounts.found("mallory", password="hash")


def test_a_name_is_one_however_it_is_written(accounts: Accounts) -> None:
    row = accounts.create("Zoë")
    for spelling in ("zoë", "ZOË", "Zoe\u0308", " zoë "):
        assert accounts.find(spelling) == row
        with pytest.raises(Conflict):
            accounts.create(spelling)


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "a/b", "x" * 65, "<b>", "\u202eabc"])
def test_a_name_that_could_mislead_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidInput):
        accounts.create(name)


def test_somebody_always_administers(accounts: Accounts) -> None:
    first = accounts.found("ada", password="hash").id
    second = accounts.create("eve", password="hash").id
    for change in ({"role": AccountRole.USER}, {"disabled": True}):
        with pytest.raises(Conflict, match="stay administrator"):
            accounts.change(first, **change)
    accounts.change(second, role=AccountRole.ADMINISTRATOR)
    accounts.change(first, disabled=True)
    with pytest.raises(NotFound):
        accounts.change("nobody", disabled=True)


def test_nobody_gets_a_password_before_the_local_user(accounts: Accounts) -> None:
    for role in AccountRole:
        with pytest.raises(Conflict, match="first"):
            accounts.create("eve", role=role, password="hash")
    assert not accounts.has_password(), "or the local user could not come in any more"


# Sessions and keys


def test_a_session_lets_its_user_in_until_it_ends(database: Database, clock: Clock) -> None:
    user = Accounts(database).create("ada").id
    mine = Credentials(database, user)
    token = mine.open_session()
    assert caller(database, token).user_id == user
    assert caller(database, token).scopes == ALL_SCOPES
    clock.forward(days=29)
    assert credentials.of_token(database, token) is not None
    clock.forward(days=1)
    assert credentials.of_token(database, token) is None
    assert mine.sessions() == []


def test_a_key_lets_in_with_its_scopes_until_it_is_revoked(database: Database) -> None:
    mine = Credentials(database, Accounts(database).create("ada").id)
    key, row = mine.create_key("phone", [Scope.CHAT, Scope.READ, Scope.CHAT], teaches=True)
    assert row.scopes == (Scope.READ, Scope.CHAT)
    assert row.ending == key[-4:]
    found = caller(database, key)
    assert (found.scopes, found.teaches, found.credential) == (
        frozenset({Scope.READ, Scope.CHAT}), True, row.id,
    )  # fmt: skip
    assert credentials.still_valid(database, [found]) == {found}
    mine.revoke_key(row.id)
    assert credentials.of_token(database, key) is None
    assert credentials.still_valid(database, [found]) == set()
    assert mine.api_keys() == []
    with pytest.raises(NotFound):
        mine.revoke_key(row.id)


def test_a_key_expires(database: Database, clock: Clock) -> None:
    mine = Credentials(database, Accounts(database).create("ada").id)
    key, _ = mine.create_key("x", [Scope.READ], expires_at=clock.now + timedelta(hours=1))
    found = caller(database, key)
    clock.forward(hours=1)
    assert credentials.of_token(database, key) is None
    assert credentials.still_valid(database, [found]) == set()
    with pytest.raises(InvalidInput, match="future"):
        mine.create_key("x", [Scope.READ], expires_at=clock.now)


def test_one_users_credentials_are_not_anothers(database: Database) -> None:
    accounts = Accounts(database)
    ada, eve = (Credentials(database, accounts.create(name).id) for name in ("ada", "eve"))
    ada.open_session()
    _, key = ada.create_key("x", [Scope.READ])
    (session,) = ada.sessions()
    with pytest.raises(NotFound):
        eve.end_session(session.id)
    with pytest.raises(NotFound):
        eve.revoke_key(key.id)
    assert (eve.sessions(), eve.api_keys()) == ([], [])
    assert (len(ada.sessions()), len(ada.api_keys())) == (1, 1)


def test_whatever_changes_about_an_account_ends_its_sessions(database: Database) -> None:
    accounts = Accounts(database)
    accounts.found("root", password="hash")
    user = accounts.create("ada", password="hash").id
    mine = Credentials(database, user)
    changes = ({"password": "new"}, {"role": AccountRole.ADMINISTRATOR}, {"disabled": True})
    for change in changes:
        token = mine.open_session()
        found = caller(database, token)
        accounts.change(user, **change)
        assert credentials.of_token(database, token) is None
        assert credentials.still_valid(database, [found]) == set()


def test_a_key_of_a_disabled_or_demoted_user_is_not_what_it_was(database: Database) -> None:
    accounts = Accounts(database)
    accounts.found("root", password="hash")
    user = accounts.create("ada", role=AccountRole.ADMINISTRATOR).id
    key, _ = Credentials(database, user).create_key("x", [Scope.ADMIN])
    found = caller(database, key)
    accounts.change(user, role=AccountRole.USER)
    assert credentials.still_valid(database, [found]) == set()
    assert caller(database, key).role is AccountRole.USER
    accounts.change(user, disabled=True)
    assert credentials.of_token(database, key) is None


def test_sessions_are_bounded_and_the_oldest_ends(database: Database, clock: Clock) -> None:
    mine = Credentials(database, Accounts(database).create("ada").id)
    first = mine.open_session()
    for _ in range(MOST_SESSIONS):
        clock.forward(seconds=1)
        mine.open_session()
    assert credentials.of_token(database, first) is None
    assert len(mine.sessions()) == MOST_SESSIONS


def test_no_secret_is_in_the_store(database: Database) -> None:
    accounts, hasher = Accounts(database), Passwords(memory_kib=64)
    row = accounts.found("ada", password=hasher.hash("correct horse battery"))
    mine = Credentials(database, row.id)
    token, (key, _) = mine.open_session(), mine.create_key("x", [Scope.READ])
    kept = everything(database)
    assert not any(secret in kept for secret in ("correct horse", token, key, key[4:]))
    assert passwords.digest_of(token) in kept, "the positive control"


@pytest.mark.parametrize("token", ["", "x", "l2c_", "l2c_" + "x" * 43, "\ud800", "' OR 1=1 --"])
def test_no_other_token_lets_anybody_in(database: Database, token: str) -> None:
    Credentials(database, Accounts(database).local()).open_session()
    assert credentials.of_token(database, token) is None


# Passwords


def test_a_password_is_known_however_it_was_typed() -> None:
    hasher = Passwords(memory_kib=64)
    kept = hasher.hash("Zoe\u0308 in the garden")
    assert kept.startswith("$argon2id$")
    assert hasher.verify("Zoë in the garden", kept)
    assert not hasher.verify("zoë in the garden", kept)
    assert not hasher.verify("", None)
    assert not hasher.verify("x", "no hash")
    for wrong in ("short", "x" * 201):
        with pytest.raises(InvalidInput):
            hasher.hash(wrong)


def test_passwords_are_made_slow_as_recommended() -> None:
    kept = Passwords().hash("correct horse battery")
    assert "m=19456,t=2,p=1" in kept


# What happened, and who may be heard


def test_the_log_keeps_the_newest_entries(database: Database) -> None:
    audit = Audit(database)
    for number in range(5):
        audit.note("signed in", actor=None, about=f"{number}")
    audit.note("x" * 9, actor="me", about="y" * 999, address="z" * 999)
    database.write(lambda connection: None)
    page = audit.entries(limit=2)
    assert [entry.event for entry in page.entries] == ["x" * 9, "signed in"]
    assert len(page.entries[0].about) == 200
    assert [entry.about for entry in audit.entries(limit=9, before=page.next).entries] == [
        "3", "2", "1", "0",
    ]  # fmt: skip
    assert KEPT >= 1000


def test_a_rule_that_is_changed_is_kept_for_its_user_alone(database: Database) -> None:
    accounts = Accounts(database)
    ada, eve = (Speakers(database, accounts.create(name).id) for name in ("ada", "eve"))
    assert ada.rules() == RULES
    changed = ada.change(Speaker.ASSISTANT, training=True)
    assert (changed.window, changed.training) == (True, True)
    assert ada.rules()[Speaker.ASSISTANT] == changed
    assert eve.rules() == RULES
    with pytest.raises(InvalidInput, match="window"):
        ada.change(Speaker.USER, window=False)
