"""Two servers, each a process with a data directory of its own, on one store in PostgreSQL."""

from pathlib import Path

import pytest

from tests.journeys.household import Household, eventually, write_starter
from tests.server.serving import listening, read


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter that speaks slowly and does not end by itself."""
    path = tmp_path_factory.mktemp("starter") / "talker.safetensors"
    return write_starter(path, hidden_size=512, talkative=True)


@pytest.mark.slow
def test_an_answer_is_read_on_another_server_while_one_writes_it(
    tmp_path: Path, talker: Path, store_url: str
) -> None:
    given = {"learner": False, "answer_tokens": 256, "database_url": store_url}
    with (
        Household(tmp_path / "one", talker, **given) as one,
        Household(tmp_path / "two", talker, **given) as two,
    ):
        conversation = one.post("/app/v1/conversations", {})["id"]
        said = one.post(f"/app/v1/conversations/{conversation}/turns", {"text": "Talk."})
        answer = said["answer"]["id"]
        with listening(two.client, answer) as arriving:
            shown = next(arriving).data["text"]
            text, turn = read(arriving, shown)
        assert turn["status"] == "complete"
        assert text == one.get(f"/app/v1/turns/{answer}")["text"] != ""
        again = two.post(f"/app/v1/conversations/{conversation}/turns", {"text": "And you?"})
        eventually(
            lambda: one.get(f"/app/v1/turns/{again['answer']['id']}")["status"] == "complete",
            "the answer of the other server",
        )
        key = one.post("/app/v1/keys", {"name": "tool", "scopes": ["chat", "read"]})
        bearer = {"Authorization": f"Bearer {key['secret']}"}
        assert two.client.get("/v1/models", headers=bearer).is_success
        assert one.client.delete(f"/app/v1/keys/{key['key']['id']}").is_success
        assert two.client.get("/v1/models", headers=bearer).status_code == 401
