"""Answers are quoted from where they stand, computed over tables, or declined."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.conversation import Origin
from l2c.retrieval.answer import Answer
from l2c.retrieval.shelf import Shelf
from l2c.retrieval.terms import akin, alike, stem
from l2c.store.accounts import Accounts
from l2c.store.database import Database
from l2c.store.documents import Documents
from l2c.store.passages import Passages

LEASE = """Lease of the flat in Elm Street

Rent
The rent is 940 euros a month. It is due on the third working day.

Animals
Dogs need the written consent of the landlord. Dr. Okoye gives it gladly.
"""
GOODS = """item;price;stock;sold out
Tent Ridge;289.00;3;no
Tent Dune;99.50;12;no
Rope;74,00;0;yes
Stove;1'245.00;1;no
"""
GERMAN = "Hausordnung\n\nDie Kündigungsfrist beträgt drei Monate. Fahrräder gehören in den Keller."
NORTH = (
    "House North\n\nThe attic has 12 windows. The keys hang in building C. The porter has one too."
)
SOUTH = "House South\n\nThe attic has 9 windows. The house was built in 1911 and holds 20 rooms."
BOATS = "boat;launched;length in m\nAda Moss;2011-03-02;17\nBen Row;2014-05-06;18\n"
COURSE = (
    "Der Kurs beginnt am 13. Januar und dauert zehn Wochen. Der Müll gehört in die Tonne am Tor."
)
LETTER = """Letter about the flat

Dear Ms Brandt,

Life jackets are worn by all guests on the pier. The side gate has been broken since July.

The contribution stays at £24 a household. The association meets every spring.

Yours sincerely, Philippa Wren
"""
TRIP = """A week by the sea

Monday: to the island

A walk of 14 km across the dunes. Dinner is at 18:30 in the guest house.

Tuesday: to the lighthouse

A walk of 9 km along the cliffs. Dinner is at 19:15 in the harbour.
"""
ABBEY = """Choir weekend

The abbey has put two rooms on the ground floor aside. Nine of us do not eat meat: the vegetarians.

The gate was repaired in 1998. A security deposit of £150 is returned within seven days.

There is only one bag for each person. Drawings by Takeshi Brandt. Ida looked after the tents.

A game has two parts. First you draw a card. At last you move your camel.
"""
GARDEN = """Gartenordnung des Vereins Sonnenhang e. V.

Hecken werden auf 1,25 Meter gehalten. Der Verein hat ein Haus am Tor.
"""
JAPANESE = "図書館の案内\n\n開館時間は午前九時からです。駐車場は二時間まで無料です。"


def shelf_of(database: Database, **texts: str) -> Shelf:
    """A shelf with these documents; an underscore in a name stands for the dot."""
    user = Accounts(database).local()
    shelf = Shelf(Documents(database, user), Passages(database, user), embedding=None)
    for name, text in texts.items():
        with tempfile.TemporaryFile() as file:
            file.write(text.encode())
            file.seek(0)
            digest = hashlib.sha256(text.encode()).hexdigest()
            shelf.add(file, name=name.replace("_", "."), size_bytes=len(text), sha256=digest)
    return shelf


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with Database.open(tmp_path_factory.mktemp("shelf"), ballast_bytes=4096) as database:
        yield shelf_of(
            database,
            lease_txt=LEASE,
            goods_csv=GOODS,
            haus_txt=GERMAN,
            lib_txt=JAPANESE,
            north_txt=NORTH,
            south_txt=SOUTH,
        )


@pytest.mark.parametrize(
    ("question", "name", "said"),
    [
        ("How much is the rent in Elm Street?", "lease.txt", "The rent is 940 euros a month."),
        ("Wie lange beträgt die Kündigungsfrist?", "haus.txt", "drei Monate"),
        ("駐車場は何時間まで無料ですか", "lib.txt", "二時間まで無料です"),
    ],
)
def test_the_sentence_that_answers_is_quoted(
    shelf: Shelf, question: str, name: str, said: str
) -> None:
    answer = shelf.ask(question)
    assert answer.origin is Origin.QUOTED
    (quote,) = answer.quotes
    assert quote.name == name
    assert said in quote.text
    assert f"— {name}, page 1" in answer.text


def test_of_two_documents_that_disagree_the_one_that_is_named_is_quoted(shelf: Shelf) -> None:
    (quote,) = shelf.ask("How many windows has the attic of House South?").quotes
    assert quote.text == "The attic has 9 windows."


def test_where_two_documents_disagree_and_none_is_named_neither_is_quoted(shelf: Shelf) -> None:
    assert shelf.ask("How many windows has the attic?").origin is Origin.DECLINED


def test_a_letter_that_ends_a_sentence_is_no_initial(shelf: Shelf) -> None:
    (quote,) = shelf.ask("Where do the keys of House North hang?").quotes
    assert quote.text == "The keys hang in building C."


def test_a_sentence_that_refers_back_comes_with_the_one_before(shelf: Shelf) -> None:
    (quote,) = shelf.ask("On which working day is the rent due?").quotes
    assert quote.text == "The rent is 940 euros a month. It is due on the third working day."


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many items are in goods.csv?", "4"),
        ("How many items cost more than 80?", "3"),
        ("Which items cost less than 100?", "Tent Dune, Rope"),
        ("Which item is the most expensive?", "Stove"),
        ("What is the price of the Tent Dune?", "99.50"),
        ("How many goods are sold out?", "1"),
        ("What is the total stock of all items?", "16"),
        ("What is the average price of the items?", "426.88"),
    ],
)
def test_tables_are_counted_and_not_guessed(shelf: Shelf, question: str, said: str) -> None:
    answer = shelf.ask(question)
    assert answer.origin is Origin.COMPUTED
    value, how = answer.text.split("\n")
    assert value == said or value.startswith((f"{said} (", f"{said}\n"))
    assert "computed from" in how


@pytest.mark.parametrize(
    "question",
    [
        "How much is the rent in Oak Street?",
        "Who is the caretaker?",
        "How many canoes are in stock?",
        "What is the price of the canoe?",
        "How long is the lease?",
        "?",
        "the",
        '" OR * NEAR(',
    ],
)
def test_what_the_documents_do_not_say_is_declined(shelf: Shelf, question: str) -> None:
    answer = shelf.ask(question)
    assert (answer.origin, answer.text) == (Origin.DECLINED, "That is not in your documents.")
    assert answer.quotes == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which boat was launched in 2014?", "Ben Row (boat)"),
        ("How big is the Ada Moss?", "17 (length in m)"),
    ],
)
def test_a_table_is_asked_by_year_and_by_adjective(
    tmp_path: Path, question: str, said: str
) -> None:
    with Database.open(tmp_path, ballast_bytes=4096) as database:
        answer = shelf_of(database, boats_csv=BOATS).ask(question)
    assert (answer.origin, answer.text.split("\n")[0]) == (Origin.COMPUTED, said)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with Database.open(tmp_path_factory.mktemp("post"), ballast_bytes=4096) as database:
        yield shelf_of(
            database, course_txt=COURSE, letter_txt=LETTER, trip_txt=TRIP, goods_csv=GOODS
        )


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Wann beginnt der Kurs?", "am 13. Januar und dauert"),
        ("Wo ist der Abfall?", "in die Tonne"),
        ("Who wore life jackets?", "by all guests"),
        ("Who wrote the letter about the flat?", "Philippa Wren"),
        ("How far is the walk on Tuesday?", "9 km"),
    ],
)
def test_forms_of_words_dates_and_headings_are_read(post: Shelf, question: str, said: str) -> None:
    answer = post.ask(question)
    assert answer.origin is Origin.QUOTED
    assert said in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Who broke the side gate?",
        "How much are life jackets?",
        "How many households are in the association?",
        "When did the association meet?",
    ],
)
def test_a_sentence_without_what_is_asked_for_is_not_quoted(post: Shelf, question: str) -> None:
    assert post.ask(question).origin is Origin.DECLINED


def test_how_much_something_is_asks_a_table_for_its_price(post: Shelf) -> None:
    answer = post.ask("How much is the Tent Ridge?")
    assert (answer.origin, answer.text.split("\n")[0]) == (Origin.COMPUTED, "289.00 (price)")


def test_only_the_documents_that_are_named_are_asked(shelf: Shelf) -> None:
    (quote,) = shelf.ask("How much is the rent in Elm Street?").quotes
    elsewhere: Answer = shelf.ask("How much is the rent in Elm Street?", among=["another"])
    assert elsewhere.origin is Origin.DECLINED
    again = shelf.ask("How much is the rent in Elm Street?", among=[quote.document_id])
    assert again.quotes == (quote,)


@pytest.fixture(scope="module")
def choir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with Database.open(tmp_path_factory.mktemp("choir"), ballast_bytes=4096) as database:
        yield shelf_of(database, abbey_txt=ABBEY, garden_txt=GARDEN, lease_txt=LEASE)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many vegetarians are there?", "Nine of us"),
        ("When do I get the deposit back?", "within seven days"),
        ("Auf wie viel Meter wird die Hecke gehalten?", "1,25 Meter"),
    ],
)
def test_what_is_said_in_other_words_is_quoted(choir: Shelf, question: str, said: str) -> None:
    answer = choir.ask(question)
    assert answer.origin is Origin.QUOTED
    assert said in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "When was the gate painted?",
        "How many persons are there?",
        "When did Ida have tents?",
    ],
)
def test_what_is_only_near_is_not_quoted(choir: Shelf, question: str) -> None:
    assert choir.ask(question).origin is Origin.DECLINED


def test_a_list_in_words_is_quoted_with_what_announces_it(choir: Shelf) -> None:
    answer = choir.ask("What are the parts of a game?")
    assert answer.quotes[0].text.endswith("At last you move your camel.")


def test_a_related_word_counts_less_than_one_that_means_the_same() -> None:
    one, other = stem("illustrator"), stem("drawings")
    assert 0.0 == alike(one, other) < akin(one, other) < akin(stem("elevator"), stem("lift")) < 1.0


def test_a_passage_is_found_by_a_related_word_where_no_nearer_one_is(choir: Shelf) -> None:
    first = choir.ask("Who is the illustrator?").considered[0]
    assert "Drawings by Takeshi Brandt" in first.quote.text
