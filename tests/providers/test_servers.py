"""Servers a user names: kept without their keys, seen by every process, never in the way."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest

from l2c.errors import Conflict, InvalidConfig, InvalidInput, NotFound
from l2c.providers.ollama import Ollama
from l2c.providers.openai import OpenAI
from l2c.providers.servers import ServerEntry, Servers

HOME = ServerEntry("home", "openai", "http://127.0.0.1:1/v1", "L2C_KEY_HOME", 4096)


class Pocket(keyring.backend.KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def pocket() -> Iterator[Pocket]:
    before, pocket = keyring.get_keyring(), Pocket()
    keyring.set_keyring(pocket)
    yield pocket
    keyring.set_keyring(before)


def opened(folder: Path) -> Servers:
    fixed = {"ollama": Ollama("ollama", "http://127.0.0.1:1")}
    return Servers(fixed, folder / "servers.json", secret={"L2C_KEY_HOME": "s3cret"}.get)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    servers = opened(tmp_path)
    yield servers
    servers.close()


def sent_key(server: object) -> str | None:
    assert isinstance(server, OpenAI)
    key: str | None = server._client.headers.get("authorization")
    return key


def test_a_server_is_named_and_found_again(servers: Servers, tmp_path: Path) -> None:
    servers.add(HOME)
    again = opened(tmp_path)
    assert list(again) == ["ollama", "home"]
    assert again.entries()[1] == HOME
    assert sent_key(again["home"]) == "Bearer s3cret"
    assert again["home"].window == 4096
    again.close()


def test_what_one_process_names_another_sees_at_once(servers: Servers, tmp_path: Path) -> None:
    other = opened(tmp_path)
    assert "home" not in other
    servers.add(HOME)
    assert "home" in other
    other.remove("home")
    assert list(servers) == ["ollama"]
    other.close()


def test_no_key_is_written_anywhere(servers: Servers, tmp_path: Path, pocket: Pocket) -> None:
    entry = ServerEntry("cloud", "openai", "https://example.org/v1")
    servers.add(entry, key="v3ry-s3cret")
    assert sent_key(servers["cloud"]) == "Bearer v3ry-s3cret"
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"cloud" in written
    assert b"s3cret" not in written
    servers.remove("cloud")
    assert pocket.kept == {}


@pytest.mark.parametrize(
    "entry",
    [
        ServerEntry("", "openai", "http://a/"),
        ServerEntry("Upper", "openai", "http://a/"),
        ServerEntry("a/b", "openai", "http://a/"),
        ServerEntry("a", "telnet", "http://a/"),  # type: ignore[arg-type]
        ServerEntry("a", "openai", "file:///etc/passwd"),
        ServerEntry("a", "openai", "http://user:word@a/"),
        ServerEntry("a", "openai", "http://"),
        ServerEntry("a", "openai", "http://a/", "AWS_SECRET_ACCESS_KEY"),
        ServerEntry("a", "openai", "http://a/", window=3),
    ],
)
def test_a_senseless_server_is_refused(servers: Servers, entry: ServerEntry) -> None:
    with pytest.raises(InvalidInput):
        servers.add(entry)
    assert list(servers) == ["ollama"]


def test_names_are_taken_once_and_those_of_the_settings_stay(servers: Servers) -> None:
    servers.add(HOME)
    for name in ("home", "ollama"):
        with pytest.raises(Conflict):
            servers.add(ServerEntry(name, "openai", "http://a/"))
    with pytest.raises(Conflict, match="settings"):
        servers.remove("ollama")
    with pytest.raises(NotFound):
        servers.remove("nobody")
    with pytest.raises(NotFound):
        servers.named("nobody")


@pytest.mark.parametrize("text", ["{", "[1]", '[{"name": "a"}]', '[{"nom": 1}]', "null", "7"])
def test_a_damaged_file_names_nobody_and_is_not_overwritten(
    servers: Servers, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "servers.json"
    file.write_text(text)
    assert list(servers) == ["ollama"]
    with pytest.raises(InvalidConfig, match=r"servers\.json"):
        servers.add(HOME)
    assert file.read_text() == text
    file.unlink()
    servers.add(HOME)
    assert list(servers) == ["ollama", "home"]
