"""What a model knows, asked from outside: `l2c eval`.

Bits per byte of a text say how surprised it is; `--chat` holds the examination of
`l2c.learning.questions`: two hundred questions with what counts as right, and two hundred requests
that only a router can meet, by declining. Beside the score stands what a look-up in the corpus
would score: it answers with the answer to the corpus's most similar question, and shows what
knowing the text by heart is worth.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from l2c import corpus
from l2c.conversation import Message, Origin, Role
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import score_general
from l2c.learning.questions import chat_questions, uncovered
from l2c.learning.texts import read_files
from l2c.store.models import ModelRow
from l2c.text.tokenizer import Control

Answering = Callable[[Sequence[Message]], tuple[str, Origin]]
"""What answers: messages in; the answer, and how it was made, out."""

WORD_LISTS = (Path("/usr/share/dict/american-english"), Path("/usr/share/dict/words"))
"""Ordinary English words, where a system has them (Debian: wamerican)."""

ROLE_MARKERS = ("you:", "le:", "user:", "assistant:", "<|", "|>")
"""How the mark of a role would look in an answer."""

LOOKED_UP = 20_000
"""Generated conversations the look-up knows, beside every handwritten one that is trained."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of the examination, and what came of it."""

    id: str
    kind: str
    said: str
    answer: str
    origin: str
    right: bool


@dataclass(frozen=True, slots=True)
class ChatExamination:
    """The examination's figures; shares are in [0, 1].

    `looked_up_right`: what the look-up in the corpus scores on the same questions. `word_for_word`:
    questions that stand in the corpus. `declined`: uncovered requests of the exam half declined;
    `declined_covered`: questions declined although they have another answer ("You have not told
    me" is the right one to what nobody told). `ordinary`: words of the
    model's own answers that stand in an English word list or were said to it; None without a list.
    `role_markers`: answers with the mark of a role in them.
    """

    right: int
    questions: int
    looked_up_right: int
    word_for_word: int
    kinds: dict[str, tuple[int, int]]
    declined: float
    declined_covered: float
    ordinary: float | None
    role_markers: int
    answers: list[Answered]
    uncovered: list[Answered]


@dataclass(frozen=True, slots=True)
class Examination:
    """Bits per byte of a text (`text` says which), and the examination when it was held."""

    model: str
    checkpoint: str
    text: str
    bytes: int
    bits_per_byte: float
    chat: ChatExamination | None


def examine(
    row: ModelRow, model: LanguageModel, file: Path | None, *, answering: Answering | None
) -> Examination:
    """Read `file`, or the held-out conversations, with the model; examine whoever answers."""
    if file is None:
        documents = corpus.held_out()
        score = score_general(model, documents)
        name = f"{len(documents)} held-out conversations"
        size, bits_per_byte = int(score.sizes.sum()), score.bits_per_byte
    else:
        text = read_files([file])
        name, size = file.name, len(text.encode())
        bits_per_byte = model.bits([Control.START, *model.tokenizer.encode(text)]) / size
    assert not math.isnan(bits_per_byte)
    chat = None if answering is None else examine_chat(answering, today=date.today())
    return Examination(row.name, row.live, name, size, bits_per_byte, chat)


def examine_chat(answering: Answering, *, today: date) -> ChatExamination:
    """Put every question and every request of the exam half to `answering`."""
    look_up = LookUp()
    questions = chat_questions(today)
    answers = [_answered(q.id, q.kind, q.messages, answering, q.right) for q in questions]
    requests = [
        _answered(
            f"uncovered-{n}", "uncovered", [Message(Role.USER, text)], answering, lambda _: False
        )
        for n, text in enumerate(uncovered("exam"), start=1)
    ]
    kinds = {
        kind: (
            sum(one.right for one in answers if one.kind == kind),
            sum(one.kind == kind for one in answers),
        )
        for kind in dict.fromkeys(one.kind for one in answers)
    }
    return ChatExamination(
        right=sum(one.right for one in answers),
        questions=len(answers),
        looked_up_right=sum(q.right(look_up.answer(q.said[-1])) for q in questions),
        word_for_word=sum(look_up.knows(q.said[-1]) for q in questions),
        kinds=kinds,
        declined=_share(one.origin == Origin.DECLINED for one in requests),
        declined_covered=_share(one.origin == Origin.DECLINED and not one.right for one in answers),
        ordinary=_ordinary([*answers, *requests], {q.id: " ".join(q.said) for q in questions}),
        role_markers=sum(
            any(marker in one.answer.lower() for marker in ROLE_MARKERS)
            for one in [*answers, *requests]
        ),
        answers=answers,
        uncovered=requests,
    )


class LookUp:
    """The corpus as an answering machine: the answer to the most similar thing a user says.

    Similar are lines with the same words; a rare word counts more (inverse document frequency,
    cosine). Of equals the first one answers.
    """

    def __init__(self) -> None:
        trained = corpus.training(0, LOOKED_UP)
        self._lines: dict[str, str] = {}
        for conversation in [*corpus.handwritten(), *trained]:
            for said, answer in pairwise(conversation):
                if said.role is Role.USER:
                    self._lines.setdefault(_plain(said.text), answer.text)
        self._answers = list(self._lines.values())
        self._places: dict[str, list[int]] = defaultdict(list)
        for at, line in enumerate(self._lines):
            for word in dict.fromkeys(line.split()):
                self._places[word].append(at)
        self._rarity = {
            word: math.log(1 + len(self._lines) / len(places)) ** 2
            for word, places in self._places.items()
        }
        self._norms = [
            math.sqrt(sum(self._rarity[word] for word in dict.fromkeys(line.split()))) or 1.0
            for line in self._lines
        ]

    def answer(self, said: str) -> str:
        """The answer that stands in the corpus after the most similar line; "" without any."""
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(_plain(said).split()):
            for at in self._places.get(word, ()):
                scores[at] += self._rarity[word] / self._norms[at]
        if not scores:
            return ""
        return self._answers[max(scores, key=lambda at: (scores[at], -at))]

    def knows(self, said: str) -> bool:
        """Whether the line stands in the corpus, letter case and punctuation aside."""
        return _plain(said) in self._lines


def word_list() -> frozenset[str] | None:
    """Ordinary English words in small letters; None where the system has no such list."""
    for path in WORD_LISTS:
        if path.exists():
            return frozenset(path.read_text(encoding="utf-8").lower().split())
    return None


def is_ordinary(word: str, listed: frozenset[str]) -> bool:
    """Whether a word is listed, in British spelling too, or is a number."""
    american = word.replace("our", "or").replace("grey", "gray").replace("tyre", "tire")
    forms = (word, american, word.removesuffix("'s"), american.removesuffix("'s"))
    return word.isdigit() or any(form in listed for form in forms)


def _answered(
    id: str,
    kind: str,
    messages: Sequence[Message],
    answering: Answering,
    right: Callable[[str], bool],
) -> Answered:
    answer, origin = answering(messages)
    return Answered(id, kind, messages[-1].text, answer, origin, right(answer))


def _ordinary(answers: Sequence[Answered], said: dict[str, str]) -> float | None:
    listed = word_list()
    if listed is None:
        return None
    fine = [
        is_ordinary(word, listed) or word in corpus.words(said.get(one.id, one.said))
        for one in answers
        if one.origin in (Origin.GENERATED, Origin.PRACTISED)
        for word in corpus.words(one.answer)
    ]
    return _share(fine)


def _share(facts: Iterable[bool]) -> float:
    listed = list(facts)
    return sum(listed) / max(len(listed), 1)


def _plain(text: str) -> str:
    return " ".join(corpus.words(text))
