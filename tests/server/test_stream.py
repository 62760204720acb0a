"""The stream of an answer: every character once, wherever one comes in, whoever goes away."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from l2c.conversation import TurnStatus
from l2c.runtime import Runtime
from l2c.server import stream
from l2c.server.routes.turns import describe
from tests.journeys.household import eventually
from tests.server.serving import (
    WAIT_S,
    Event,
    Scripted,
    Serving,
    events,
    let_speak,
    listening,
    read,
)

LINES = ("Once ", "upon ", "a 🌱 ", "time ", "there ", "wäre ", "日本語 ", "beans.")
TEXT = "".join(LINES)


@pytest.fixture
def speaker(server: Serving) -> Scripted:
    speaker = Scripted(*LINES)
    let_speak(server.runtime, speaker)
    return speaker


def test_pieces_arrive_while_the_answer_is_written(server: Serving, speaker: Scripted) -> None:
    answer = server.say(server.new())["answer"]["id"]
    with listening(server.client, answer) as arriving:
        text = ""
        for line in LINES:
            speaker.go_on()
            event = next(arriving)
            text += event.data["text"]
            assert (event.kind, event.data["text"]) == ("piece", line)
            assert event.identity == len(text)
        assert read(arriving, text)[1]["status"] == "complete"


def test_the_response_is_an_event_stream_that_nobody_keeps(server: Serving) -> None:
    exchange = server.say(server.new())
    server.finished(exchange)
    response = server.client.get(f"/app/v1/turns/{exchange['answer']['id']}/stream")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert "content-security-policy" in response.headers


@pytest.mark.parametrize("by_header", [True, False])
def test_a_finished_answer_is_given_from_any_character_on(
    server: Serving, speaker: Scripted, by_header: bool
) -> None:
    exchange = server.say(server.new())
    speaker.go_on(len(LINES))
    turn = server.finished(exchange)
    for held in range(len(TEXT) + 1):
        where = {"last": held} if by_header else {"after": held}
        with listening(server.client, turn["id"], **where) as arriving:
            assert read(arriving, TEXT[:held]) == (TEXT, turn)


@given(st.lists(st.integers(0, len(TEXT)), max_size=6), st.integers(0, len(LINES)))
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_readers_that_come_at_any_time_from_any_place_get_every_character_once(
    server: Serving, places: list[int], spoken: int
) -> None:
    speaker = Scripted(*LINES)
    let_speak(server.runtime, speaker)
    answer = server.say(server.new())["answer"]["id"]
    speaker.go_on(spoken)
    tail = server.runtime.tails.get(answer)
    assert tail is not None
    while len(tail.text) < len("".join(LINES[:spoken])):
        pass
    got: list[str] = []

    def follow(held: str) -> None:
        with listening(server.client, answer, after=len(held)) as arriving:
            got.append(read(arriving, held)[0])

    shown = "".join(LINES[:spoken])
    readers = [threading.Thread(target=follow, args=(shown[:place],)) for place in places]
    for reader in readers:
        reader.start()
    speaker.go_on(len(LINES) - spoken)
    for reader in readers:
        reader.join()
    assert got == [TEXT] * len(places)


def test_a_reader_who_goes_away_cancels_nothing(server: Serving, speaker: Scripted) -> None:
    exchange = server.say(server.new())
    speaker.go_on()
    with listening(server.client, exchange["answer"]["id"]) as arriving:
        assert next(arriving).data["text"] == LINES[0]
    speaker.go_on(len(LINES) - 1)
    assert server.finished(exchange)["text"] == TEXT


def test_a_reader_who_had_more_than_was_kept_gets_one_snapshot(server: Serving) -> None:
    exchange = server.say(server.new())
    turn = server.finished(exchange)
    held = turn["text"] + "and what a crash took"
    with listening(server.client, turn["id"], after=len(held)) as arriving:
        events = list(arriving)
    assert [event.kind for event in events] == ["snapshot", "end"]
    assert read(iter(events), held) == (turn["text"], turn)


def test_an_answer_that_another_process_writes_is_read_from_the_store(
    server: Serving, speaker: Scripted
) -> None:
    exchange = server.say(server.new())
    answer = exchange["answer"]["id"]
    with Runtime.open(server.runtime.settings) as other:
        other.conversations.interrupt_orphans()  # what a server that starts does
    with listening(server.client, answer) as arriving:
        speaker.go_on(len(LINES))
        read(arriving)
    assert server.get(f"/app/v1/turns/{answer}")["status"] == "interrupted"


def test_what_another_process_journals_arrives(server: Serving) -> None:
    conversation = server.new()
    begun = server.runtime.conversations.begin_exchange(conversation, "Hello", model="le")
    answer = begun.answer.id
    with Runtime.open(server.runtime.settings) as other:
        other.conversations.journal(answer, 0, "Half a").result(WAIT_S)
        with listening(server.client, answer) as arriving:
            assert next(arriving).data["text"] == "Half a"
            other.conversations.finish(answer, status=TurnStatus.COMPLETE, text="Half a word")
            assert read(arriving, "Half a")[0] == "Half a word"


def test_a_silence_is_filled_with_comments(server: Serving, speaker: Scripted) -> None:
    answer = server.say(server.new())["answer"]["id"]

    async def first_two() -> list[str]:
        events = stream.events(server.runtime, answer, 0, describe, silence_s=0.001)
        return [await anext(events), await anext(events)]

    # On a thread of its own: a browser's tests may have left a loop running on this one.
    with ThreadPoolExecutor(1) as pool:
        events = pool.submit(lambda: asyncio.run(first_two())).result(WAIT_S)
    assert all(event.startswith(":") for event in events)
    speaker.go_on(len(LINES))


@pytest.mark.parametrize("last", ["-1", "x", "", "1e3", "²", "9" * 33])
def test_a_last_event_id_that_is_none_counts_as_nothing_or_is_refused(
    server: Serving, last: str
) -> None:
    exchange = server.say(server.new())
    text = server.finished(exchange)["text"]
    response = server.client.get(
        f"/app/v1/turns/{exchange['answer']['id']}/stream",
        headers=[(b"last-event-id", last.encode())],
    )
    assert response.status_code == (400 if len(last) > 32 else 200)
    assert (f'"text": "{text[0]}' in response.text) or response.status_code == 400


def test_a_users_turn_is_not_streamed(server: Serving) -> None:
    exchange = server.say(server.new())
    response = server.client.get(f"/app/v1/turns/{exchange['user']['id']}/stream")
    assert response.status_code == 400


def several(server: Serving, *wanted: tuple[str, int]) -> Iterator[Event]:
    """The events of several answers over one connection."""
    turns = [f"{turn_id}:{after}" for turn_id, after in wanted]
    with server.client.stream("GET", "/app/v1/stream", params={"turn": turns}) as response:
        assert response.status_code == 200
        yield from events(response)


def test_several_answers_come_over_one_connection_each_whole(
    server: Serving, speaker: Scripted
) -> None:
    first = server.say(server.new())["answer"]["id"]
    second = server.say(server.new())["answer"]["id"]
    speaker.go_on(2 * len(LINES))
    texts, ended = {first: "", second: TEXT[:9]}, []
    for event in several(server, (first, 0), (second, 9)):
        if event.kind == "end":
            ended.append(event.data["of"])
            assert event.data["turn"]["id"] == event.data["of"]
        else:
            assert event.kind == "piece"
            texts[event.data["of"]] += event.data["text"]
            assert event.identity == len(texts[event.data["of"]])
    assert texts == {first: TEXT, second: TEXT}
    assert sorted(ended) == sorted([first, second])


def test_what_cannot_be_streamed_is_refused_and_the_others_go_on(
    server: Serving, speaker: Scripted
) -> None:
    exchange = server.say(server.new())
    speaker.go_on(len(LINES))
    user, answer = exchange["user"]["id"], exchange["answer"]["id"]
    found = list(several(server, ("nothing", 0), (user, 0), (answer, 0)))
    refused = {
        event.data["of"]: event.data["message"] for event in found if event.kind == "refused"
    }
    assert set(refused) == {"nothing", user}
    assert "Only answers are streamed" in refused[user]
    assert [event.data["of"] for event in found if event.kind == "end"] == [answer]
    assert server.client.get("/app/v1/stream", params={"turn": "no number"}).status_code == 400
    assert server.client.get("/app/v1/stream").status_code == 400


def as_among_many(monkeypatch: pytest.MonkeyPatch, *, pause_s: float) -> None:
    """Every reader waits so long between two pieces."""
    monkeypatch.setattr(stream, "SHARE_S", pause_s)
    monkeypatch.setattr(stream, "LONGEST_PAUSE_S", pause_s)


def see_written(server: Serving, answer: str, text: str) -> None:
    tail = server.runtime.tails.get(answer)
    assert tail is not None
    eventually(lambda: tail.text == text, "the model's next words")


def tell_all_but_the_last(
    server: Serving, speaker: Scripted, answer: str, arriving: Iterator[Event]
) -> list[str]:
    """What a reader hears of an answer's lines: the first alone, the others once written."""
    speaker.go_on()
    told = [next(arriving).data["text"]]
    for count in range(2, len(LINES)):
        speaker.go_on()
        see_written(server, answer, "".join(LINES[:count]))
    told.append(next(arriving).data["text"])
    return told


def test_among_many_readers_what_comes_is_told_together(
    server: Serving, speaker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_among_many(monkeypatch, pause_s=1.0)
    answer = server.say(server.new())["answer"]["id"]
    with listening(server.client, answer) as arriving:
        told = tell_all_but_the_last(server, speaker, answer, arriving)
        speaker.go_on()
        assert read(arriving, "".join(told))[0] == TEXT
    assert told == [LINES[0], "".join(LINES[1:-1])]


def test_next_letters_give_way_to_the_first_ones_of_an_answer_that_begins(
    server: Serving, speaker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_among_many(monkeypatch, pause_s=0.0)
    monkeypatch.setattr(stream, "MANY", 1)
    monkeypatch.setattr(stream, "GIVING_WAY_S", 1.0)
    answer = server.say(server.new())["answer"]["id"]
    with listening(server.client, answer) as arriving:
        server.runtime.tails.open("another answer")
        told = tell_all_but_the_last(server, speaker, answer, arriving)
        server.runtime.tails.close("another answer", None)
        speaker.go_on()
        assert read(arriving, "".join(told))[0] == TEXT
    assert told == [LINES[0], "".join(LINES[1:-1])]


def test_among_many_readers_the_first_letters_come_at_once(
    server: Serving, speaker: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_among_many(monkeypatch, pause_s=3600.0)
    answer = server.say(server.new())["answer"]["id"]

    async def first() -> str:
        reading = stream.events(server.runtime, answer, 0, describe)
        event = asyncio.ensure_future(anext(reading))
        await asyncio.sleep(0)  # it looks, and finds nothing yet
        speaker.go_on()
        async with asyncio.timeout(WAIT_S):
            return await event

    with ThreadPoolExecutor(1) as pool:
        assert LINES[0] in pool.submit(lambda: asyncio.run(first())).result(WAIT_S)
    speaker.go_on(len(LINES) - 1)
