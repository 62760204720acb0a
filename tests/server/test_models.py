"""Models and their versions over HTTP."""

import io
import tarfile
from typing import Any

import pytest

from l2c.engines.model import LanguageModel
from l2c.runtime import Runtime
from tests.engines.llama.files.made import sentencepiece
from tests.server import documented
from tests.server.serving import Serving, serving
from tests.server.test_learning import taught

MODEL = "/app/v1/models/le"


def test_a_model_and_its_versions_have_the_documented_fields(server: Serving) -> None:
    taught(server)
    shown = server.get(MODEL)
    assert set(shown["model"]) == documented.keys("model")
    assert server.get("/app/v1/models")["models"] == [shown["model"]]
    newest, starter = shown["checkpoints"]
    assert set(newest) == set(starter) == documented.keys("checkpoint")
    assert (newest["live"], newest["parent"], newest["lesson"]) == (True, starter["digest"], 1)
    assert (starter["live"], starter["parent"], starter["lesson"]) == (False, None, None)


def test_the_next_answer_comes_from_what_was_promoted(server: Serving) -> None:
    taught(server)
    starter = server.get(MODEL)["model"]["starter"]
    assert server.finished(server.say(server.new()))["checkpoint"] != starter
    assert server.post(f"{MODEL}/promote", {"checkpoint": starter})["live"] == starter
    assert server.finished(server.say(server.new()))["checkpoint"] == starter


def test_only_a_version_of_the_model_can_be_promoted(server: Serving) -> None:
    for checkpoint, status in (("0" * 64, 404), ("short", 400), ("Z" * 64, 400)):
        response = server.client.post(f"{MODEL}/promote", json={"checkpoint": checkpoint})
        assert response.status_code == status


def test_a_damaged_version_is_not_promoted(server: Serving) -> None:
    taught(server)
    model = server.get(MODEL)["model"]
    server.post(f"{MODEL}/promote", {"checkpoint": model["starter"]})
    file = server.runtime.folder.path(model["live"])
    file.write_bytes(file.read_bytes()[:-1])
    with Runtime.open(server.runtime.settings) as fresh, serving(fresh) as other:
        response = other.client.post(f"{MODEL}/promote", json={"checkpoint": model["live"]})
        assert response.status_code == 500
        assert "damaged" in response.json()["error"]["message"]
    assert server.get(MODEL)["model"]["live"] == model["starter"]


def test_a_version_whose_file_is_gone_is_not_available(server: Serving) -> None:
    taught(server)
    live = server.get(MODEL)["model"]["live"]
    server.runtime.folder.path(live).unlink()
    shown = server.get(MODEL)["checkpoints"]
    assert [checkpoint["available"] for checkpoint in shown] == [False, True]


def test_a_checkpoint_can_be_pinned(server: Serving) -> None:
    live = server.get("/app/v1/models/le")["model"]["live"]
    for pinned in (True, False):
        shown = server.post("/app/v1/models/le/pin", {"checkpoint": live, "pinned": pinned})
        assert [row["pinned"] for row in shown["checkpoints"]] == [pinned]
    wrong = server.client.post("/app/v1/models/le/pin", json={"checkpoint": "0" * 64})
    assert wrong.status_code == 404


MEDIA = {"content-type": "application/octet-stream"}


def take_in(server: Serving, content: bytes, name: str = "guest") -> Any:
    return server.client.post(
        "/app/v1/models", params={"name": name}, content=content, headers=MEDIA
    )


def add_llama(server: Serving) -> None:
    config = {"dim": 32, "layers": 1, "heads": 2, "kv_heads": 2, "hidden": 32, "context": 32}
    model = LanguageModel.create("llama", config, sentencepiece(), seed=1)
    digest, size = server.runtime.folder.save(model, optimizer=False)
    server.runtime.models.begin_from("tiny", engine="llama", checkpoint=digest, size_bytes=size)


@pytest.mark.parametrize("form", ["checkpoint", "gguf", "safetensors", "llama2c"])
def test_a_model_goes_out_as_one_file_and_comes_back(server: Serving, form: str) -> None:
    add_llama(server)
    out = server.client.get("/app/v1/models/tiny/export", params={"format": form})
    assert out.status_code == 200, out.text
    back = take_in(server, out.content)
    assert back.status_code == 201, back.text
    tiny = server.get("/app/v1/models/tiny")["model"]
    assert back.json()["parameters"] == tiny["parameters"]
    assert list((server.runtime.data_dir / "exports").iterdir()) == []
    assert list((server.runtime.data_dir / "uploads").iterdir()) == []


def test_fewer_bits_make_a_smaller_file(server: Serving) -> None:
    add_llama(server)
    sizes = [
        len(
            server.client.get(
                "/app/v1/models/tiny/export", params={"format": "gguf", "type": kind}
            ).content
        )
        for kind in ("f32", "f16", "q8_0", "q4_0")
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4


def test_only_llama_models_go_to_other_programs(server: Serving) -> None:
    answer = server.client.get("/app/v1/models/le/export", params={"format": "gguf"})
    assert answer.status_code == 400
    assert "lstm" in answer.json()["error"]["message"]


def _tar(*parts: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as pack:
        for name, content in parts:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            pack.addfile(info, io.BytesIO(content))
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense" * 100,
        _tar(),
        _tar(("../../evil.gguf", b"GGUF")),
        _tar(("config.json", b"{}")),
        _tar(*((f"{number}.bin", b"x") for number in range(40))),
        _tar(("a.gguf", b"GGUF"), ("b/a.gguf", b"GGUF")),
        _tar((f"{'a' * 300}.gguf", b"GGUF")),
        _tar(("a.gguf", b"GGUF" * 400))[:1000],
    ],
)
def test_what_is_no_model_is_refused_and_leaves_nothing(server: Serving, content: bytes) -> None:
    answer = take_in(server, content)
    assert answer.status_code == 400, answer.text
    assert [one["name"] for one in server.get("/app/v1/models")["models"]] == ["le"]
    assert not list(server.runtime.data_dir.rglob("evil*"))


def test_a_deleted_model_is_gone_with_its_file_and_its_dreams(server: Serving) -> None:
    add_llama(server)
    server.post("/app/v1/dreams", {"model": "tiny", "length": 5})
    digest = server.get("/app/v1/models/tiny")["model"]["live"]
    conversation = server.new(model="tiny")
    server.finished(server.say(conversation, model="tiny", anyway=True))
    assert server.client.delete("/app/v1/models/tiny").status_code == 204
    assert server.client.get("/app/v1/models/tiny").status_code == 404
    assert not server.runtime.folder.has(digest)
    assert list((server.runtime.data_dir / "dreams").glob("*.txt")) == []
    assert len(server.get(f"/app/v1/conversations/{conversation}")["turns"]) == 2


def test_the_model_that_learns_here_stays(server: Serving) -> None:
    answer = server.client.delete("/app/v1/models/le")
    assert answer.status_code == 409
    assert server.client.delete("/app/v1/models/nothing").status_code == 404
