"""Every operation of the API is called with what its own description allows, and what it does not.

No answer may be an error of the server. Ids are those of things that exist half of the time, or
nothing would be reached behind them. Tool: https://schemathesis.readthedocs.io
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from starlette.testclient import TestClient

from l2c.runtime import Runtime
from l2c.server.app import create_app
from tests.server.serving import settings, write_starter

EXAMPLES = {GenerationMode.POSITIVE: 20, GenerationMode.NEGATIVE: 10}
"""Of every operation; what breaks the description is mostly refused before anything happens."""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A fresh server on a tiny model that writes four letters, and knows no other server."""
    starter = write_starter(tmp_path / "tiny.safetensors")
    given = settings(tmp_path / "data", starter, ollama_url="", answer_tokens=4)
    runtime = Runtime.open(given, role="server")
    app = create_app(runtime)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        client.cookies.set("l2c", runtime.house.door.page_token())
        yield client


def existing(client: TestClient) -> dict[str, str]:
    """Ids of things that are there, by the names of parameters."""
    conversation = client.post("/app/v1/conversations", json={}).json()["id"]
    turn = client.post(f"/app/v1/conversations/{conversation}/turns", json={"text": "Hello"})
    return {
        "conversation_id": conversation,
        "turn_id": turn.json()["answer"]["id"],
        "name": "le",
    }


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_a_client_sends_makes_the_server_fail(
    client: TestClient, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    ids = existing(client)
    called: list[str] = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(operation.as_strategy(generation_mode=mode))
        @hypothesis_settings(
            max_examples=EXAMPLES[mode],
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Any) -> None:
            places = dict(case.path_parameters or {})
            if len(called) % 2:
                places |= {name: ids[name] for name in places if name in ids}
            path = case.path.format(**{name: quote(str(v), safe="") for name, v in places.items()})
            body = None if isinstance(case.body, NotSet) else case.body
            response = client.request(
                case.method,
                path,
                params={str(name): str(value) for name, value in (case.query or {}).items()},
                content=body if body is None or isinstance(body, bytes) else json.dumps(body),
                headers={"content-type": "application/json"},
            )
            called.append(f"{case.method} {path}")
            assert response.status_code < 500 or response.status_code in (503, 507), (
                f"{called[-1]} {body!r}: {response.text}"
            )

        # What takes no parameters cannot be called wrongly.
        with suppress(*[Unsatisfiable] if mode is GenerationMode.NEGATIVE else []):
            call()
    assert len(called) >= 2 * EXAMPLES[mode]
