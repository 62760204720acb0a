"""Are answers from documents right, and refused when nothing answers?

    python -m benchmarks.grounding [--misses] [--out FILE]

Makes the files of `benchmarks/library` anew, lets the store read them as uploads are read, and asks
every question. The questions were written before the first answer was computed. They are cut into
two halves by a hash of their text: on one (`tuned`) the weights and the threshold were set and
mistakes were looked at, as on `more_questions.txt`, which is not counted here; the other half
(`held_out`) was only counted. Printed for both and for all:

- `right_passage`: of the questions with an answer in the text, how often a passage with it, on its
  page of its document, is among the first three;
- `right_answer`: of the questions with an answer, how often the quote (at most 400 characters) or
  the computed value holds it, on the right page of the right document;
- `refused`: of the questions without an answer, how often it says so;
- `wrong_page`: of all questions, how often a page is cited that does not hold the answer.

By words alone, and by words and meaning where the weights of `l2c[embeddings]` are installed.
Four more shelves are counted by words: `further` and `later`, which were written afterwards, in the
words of several people, and tuned on; and `check` and `later_check`, written with each of them,
which nobody
tuned on, but that the counts of `later_check` chose between three sets of rules.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import bindery, record
from benchmarks.bindery import Asked
from l2c.conversation import Origin
from l2c.retrieval import embedding
from l2c.retrieval.answer import Answer, Quote
from l2c.retrieval.shelf import Shelf
from l2c.store.accounts import Accounts
from l2c.store.database import Database
from l2c.store.documents import Documents
from l2c.store.passages import Passages

TARGETS = {"right_passage": 0.95, "right_answer": 0.85, "refused": 0.90, "wrong_page": 0.02}
QUOTE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a question; `passage` is None where no passage has to be found."""

    asked: Asked
    answer: Answer
    right: bool
    passage: bool | None
    wrong_page: bool


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    arguments.add_argument(
        "--misses", action="store_true", help="show the mistakes that may be seen"
    )
    arguments.add_argument("--out", type=Path, help="write the figures here instead")
    chosen = arguments.parse_args()
    documents = bindery.library()
    figures: dict[str, Any] = {
        "documents": len(documents),
        "questions": sum(len(one.questions) for one in documents),
        "unanswerable": sum(not q.answers for one in documents for q in one.questions),
        "targets": TARGETS,
        "by_words": _run(documents, None, misses=chosen.misses),
    }
    network = embedding.installed()
    figures["by_words_and_meaning"] = (
        "the weights of l2c[embeddings] are not installed"
        if network is None
        else _run(documents, network, misses=chosen.misses)
    )
    for name, folder in (
        ("further", bindery.FURTHER),
        ("check", bindery.CHECK),
        ("later", bindery.LATER),
        ("later_check", bindery.LATER_CHECK),
    ):
        figures[name] = _others(name, bindery.library(folder))
    record.write("grounding", figures, out=chosen.out)


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _run(
    documents: Sequence[bindery.Written], network: embedding.Embedding | None, *, misses: bool
) -> dict[str, Any]:
    began = time.perf_counter()
    with shelved(documents, network) as (shelf, passages):
        read = time.perf_counter()
        judged = [judge(q, shelf.ask(q.question)) for one in documents for q in one.questions]
        asked = time.perf_counter()
        number, _ = passages.size()
    halves = {
        "tuned": [one for one in judged if not is_held_out(one.asked)],
        "held_out": [one for one in judged if is_held_out(one.asked)],
        "all": judged,
    }
    way = "by words" if network is None else "by words and meaning"
    print(f"\n{way}: {len(documents)} documents, {number} passages, {len(judged)} questions")
    for half, members in halves.items():
        print(f"  {half:9}", "  ".join(f"{k} {v}" for k, v in figures_of(members).items()))
    if misses:
        _show(halves["tuned"])
    return {
        "passages": number,
        "seconds_to_read_a_document": round((read - began) / len(documents), 3),
        "milliseconds_a_question": round(1000 * (asked - read) / len(judged), 1),
        **{half: figures_of(members) for half, members in halves.items()},
    }


def _others(name: str, documents: Sequence[bindery.Written]) -> dict[str, Any]:
    """The four figures of documents on a shelf of their own, by words."""
    with shelved(documents, None) as (shelf, _):
        judged = [judge(q, shelf.ask(q.question)) for one in documents for q in one.questions]
    figures = figures_of(judged)
    print(f"\n{name}: {len(documents)} documents, {len(judged)} questions, by words")
    print("  all      ", "  ".join(f"{k} {v}" for k, v in figures.items()))
    return {"documents": len(documents), "questions": len(judged), **figures}


@contextmanager
def shelved(
    documents: Sequence[bindery.Written], network: embedding.Embedding | None
) -> Iterator[tuple[Shelf, Passages]]:
    """The documents, made as files and read as uploads are, on a shelf of their own."""
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder)) as database:
        user = Accounts(database).local()
        passages = Passages(database, user)
        shelf = Shelf(Documents(database, user), passages, embedding=network)
        for one in documents:
            content = bindery.bound(one)
            sha256 = hashlib.sha256(content).hexdigest()
            with tempfile.TemporaryFile() as file:
                file.write(content)
                file.seek(0)
                shelf.add(file, name=one.name, size_bytes=len(content), sha256=sha256)
        yield shelf, passages


def is_held_out(asked: Asked) -> bool:
    """Which half a question belongs to."""
    return hashlib.sha256(asked.question.encode()).digest()[0] % 2 == 1


def judge(asked: Asked, answer: Answer) -> Judged:
    """Hold an answer against the page it should come from."""
    refused = answer.origin is Origin.DECLINED
    if not asked.answers:
        return Judged(asked, answer, refused, None, not refused)
    placed = [quote for quote in answer.quotes if _is_there(asked, quote)]
    if asked.page is None:
        value = answer.text.partition("\n")[0]
        right = answer.origin is Origin.COMPUTED and value.startswith(asked.answers[0])
        exact = value.removeprefix(asked.answers[0])[:1] in ("", " ")
        return Judged(asked, answer, right and exact, None, not refused and not placed)
    right = any(is_right(asked, quote) for quote in placed)
    right = right or (bool(placed) and _holds(answer.text, asked))
    first = [c.quote for c in answer.considered[:3]]
    passage = any(_is_there(asked, quote) and _holds(quote.text, asked) for quote in first)
    return Judged(asked, answer, right, passage, not refused and not placed)


def is_right(asked: Asked, quote: Quote) -> bool:
    """Whether a quote answers a question, from the page it should come from."""
    return _is_there(asked, quote) and _holds(quote.text[: QUOTE_CHARACTERS + 100], asked)


def figures_of(judged: Sequence[Judged]) -> dict[str, Any]:
    """The four figures, each with how many questions it was counted over."""
    answerable = [one for one in judged if one.asked.answers]
    placed = [one for one in answerable if one.passage is not None]
    silent = [one for one in judged if not one.asked.answers]
    return {
        "right_passage": _share(sum(bool(one.passage) for one in placed), len(placed)),
        "right_answer": _share(sum(one.right for one in answerable), len(answerable)),
        "refused": _share(sum(one.right for one in silent), len(silent)),
        "wrong_page": _share(sum(one.wrong_page for one in judged), len(judged)),
    }


def _share(part: int, whole: int) -> str:
    return f"{part / max(whole, 1):.3f} ({part}/{whole})"


def _is_there(asked: Asked, quote: Quote) -> bool:
    return quote.name == asked.document and asked.page in (None, quote.page)


def _holds(text: str, asked: Asked) -> bool:
    said = " ".join(text.split()).casefold()
    return any(answer.casefold() in said for answer in asked.answers)


def _show(judged: Sequence[Judged]) -> None:
    for one in judged:
        if not one.right or one.wrong_page or one.passage is False:
            marks = f"passage {one.passage}, {one.answer.origin}, {one.answer.confidence}"
            print(f"\n  {one.asked.question}  [{one.asked.document}: {one.asked.answers}] {marks}")
            print(f"    {one.answer.text!r}")


if __name__ == "__main__":
    main()
