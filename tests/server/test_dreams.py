"""`/app/v1/dreams`: asked for, listed, kept, discarded."""

import pytest

from tests.server.serving import Serving


def test_a_dream_is_asked_for_listed_kept_and_discarded(server: Serving) -> None:
    made = server.post("/app/v1/dreams", {"count": 2, "length": 20, "seed": 3})
    assert [dream["seed"] for dream in made["dreams"]] == [4, 3]
    first = made["dreams"][0]
    assert first["checkpoint"] == server.get("/stats")["checkpoint"]
    assert first["text"].startswith("you: ")
    kept = server.patch(f"/app/v1/dreams/{first['id']}", {"kept": True})
    assert kept == first | {"kept": True}
    gone = made["dreams"][1]["id"]
    assert server.client.delete(f"/app/v1/dreams/{gone}").status_code == 204
    assert server.get("/app/v1/dreams") == {"dreams": [kept], "next": None}


@pytest.mark.parametrize("wish", [{"count": 9}, {"length": 0}, {"temperature": 3}, {"seed": -1}])
def test_a_wish_out_of_range_is_refused(server: Serving, wish: dict[str, int]) -> None:
    assert server.client.post("/app/v1/dreams", json=wish).status_code == 400


def test_a_dream_nobody_dreamt_is_not_found(server: Serving) -> None:
    assert server.client.delete("/app/v1/dreams/nothing").status_code == 404
    assert server.client.patch("/app/v1/dreams/nothing", json={"kept": True}).status_code == 404
