"""Servers of other models over the API, and the figures an operator watches."""

import re

from tests.providers import upstream
from tests.server.serving import Serving


def test_a_server_is_named_checked_and_forgotten(server: Serving) -> None:
    with upstream.running() as remote:
        remote.answer("/models", upstream.of_json({"data": [{"id": "big", "max_model_len": 99}]}))
        named = server.post(
            "/app/v1/providers", {"name": "box", "kind": "openai", "url": f"{remote.url}/"}
        )
        assert named == {
            "name": "box", "kind": "openai", "url": remote.url, "key": "none", "window": None,
            "fixed": False,
        }  # fmt: skip
        check = server.post("/app/v1/providers/box/check")
        assert (check["ok"], [model["name"] for model in check["models"]]) == (True, ["box/big"])
        assert "answers and has 1 model." in check["message"]
    check = server.post("/app/v1/providers/box/check")
    assert not check["ok"]
    assert "Nothing answers" in check["message"]
    assert server.client.delete("/app/v1/providers/box").status_code == 204
    assert server.client.delete("/app/v1/providers/box").status_code == 404
    assert [known["fixed"] for known in server.get("/app/v1/providers")["providers"]] == [True]


def test_a_variable_that_holds_no_key_of_ours_is_refused(server: Serving) -> None:
    answer = server.client.post(
        "/app/v1/providers",
        json={"name": "a", "kind": "openai", "url": "http://a/", "key_variable": "PATH"},
    )
    assert answer.status_code == 400


def test_the_figures_count_requests_by_route_and_never_by_id(server: Serving) -> None:
    conversation = server.new()
    server.finished(server.say(conversation))
    server.client.get("/nowhere/at/all")
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert conversation not in text
    turns = 'method="POST",route="/app/v1/conversations/{conversation_id}/turns",status="202"'
    assert f"l2c_http_requests_total{{{turns}}} 1.0" in text
    assert 'route="none",status="404"' in text
    assert "l2c_learning_queue 1.0" in text
    live = server.runtime.models.get("le").live
    assert re.search(rf'l2c_info\{{checkpoint="{live}",model="le",version="[^"]+"\}} 1\.0', text)
