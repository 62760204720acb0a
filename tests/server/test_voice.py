"""`/app/v1/voice`: the core prompt, read and changed."""

from tests.server.serving import Serving


def test_the_core_prompt_is_read_changed_and_given_back(server: Serving) -> None:
    first = server.get("/app/v1/voice")
    assert first["core_prompt"] == first["default"]
    assert first["models"] == []
    changed = server.client.put("/app/v1/voice", json={"core_prompt": " Be kind.\n"})
    assert changed.json()["core_prompt"] == "Be kind."
    path = server.runtime.data_dir / "prompt" / "core_prompt.txt"
    assert path.read_text() == "Be kind.\n"
    assert server.get("/app/v1/voice")["core_prompt"] == "Be kind."
    server.client.put("/app/v1/voice", json={"core_prompt": ""})
    assert server.get("/app/v1/voice") == first


def test_a_core_prompt_that_is_too_long_is_refused(server: Serving) -> None:
    refused = server.client.put("/app/v1/voice", json={"core_prompt": "x" * 2001})
    assert refused.status_code == 400
