"""Everything put together from settings: the one place that knows what plugs into what.

    with Runtime.open(settings) as runtime:
        answer = runtime.chat("Hello")

The server and the command line see L2C through this object and nothing else. It holds one user's
side of the house; several processes may have one open on the same data directory, but only one
of them can be the server and one the learner.
"""

from __future__ import annotations

import functools
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from l2c import starter
from l2c.chat import porting
from l2c.chat.catalog import Catalog, Offer
from l2c.chat.completion import Completion, Completions
from l2c.chat.eraser import Eraser
from l2c.chat.glass import Focus, Glass, Reading, Rewritten
from l2c.chat.memory import Memory
from l2c.chat.porting import Format, Importing
from l2c.chat.quoting import Quoting
from l2c.chat.reply import Replies
from l2c.chat.router import Router
from l2c.chat.tails import Tail, Tails
from l2c.chat.talks import Talks
from l2c.chat.taught import Taught
from l2c.conversation import Message, Origin
from l2c.engines.doubt import Doubt, read_doubts
from l2c.errors import Conflict
from l2c.learning import first_model, report
from l2c.learning.examination import Answering, ChatExamination, Examination, examine
from l2c.learning.learner import Learner, Role
from l2c.learning.practice import practice_in
from l2c.learning.rebuild import Outcome as Rebuilt
from l2c.learning.resume import ResumePoint
from l2c.learning.teacher import OnProgress
from l2c.learning.text_school import TextOutcome, TextSchool
from l2c.learning.unlearning import Attic
from l2c.providers.provider import Outcome, Said, Sampling, Written
from l2c.providers.servers import ServerEntry
from l2c.retrieval import embedding
from l2c.runtime import archive, dreaming
from l2c.runtime.checkpoints import Checkpoints, SourceView, lesson_sources, limits
from l2c.runtime.consenting import Consenting
from l2c.runtime.dreaming import Dreaming, DreamView
from l2c.runtime.forgetting import Forgetter
from l2c.runtime.health import Examiner, Health
from l2c.runtime.house import UNDO_S, House
from l2c.runtime.library import Library
from l2c.runtime.new_models import NewModels
from l2c.runtime.notes import Notebook
from l2c.runtime.storage import Storeroom
from l2c.runtime.talking import How, Talking
from l2c.settings import Settings
from l2c.store.conversations import BegunExchange, Conversations
from l2c.store.dreams import Dreams
from l2c.store.folders import Folders
from l2c.store.learning import Learning, LessonPage
from l2c.store.lessons import LessonRow
from l2c.store.listing import Wanted
from l2c.store.memory import Memories
from l2c.store.models import Models
from l2c.store.notes import Notes
from l2c.store.search import Order
from l2c.store.speakers import Speakers
from l2c.store.trainings import Trainings
from l2c.store.trees import Trees
from l2c.store.turns import TurnRow
from l2c.text.tokenizer import Tokenizer

__all__ = [
    "Catalog",
    "ChatExamination",
    "Completion",
    "DreamView",
    "Focus",
    "Format",
    "Health",
    "Importing",
    "Offer",
    "Order",
    "Outcome",
    "Reading",
    "Rewritten",
    "Runtime",
    "Said",
    "Sampling",
    "ServerEntry",
    "SourceView",
    "Tail",
    "TurnRow",
    "Wanted",
    "Written",
]


class Runtime:
    """L2C for one user of a house."""

    def __init__(self, house: House, user_id: str) -> None:
        """Put the user's parts together; `open` makes the house too."""
        self.house = house
        self.user_id = user_id
        self.settings = settings = house.settings
        self.data_dir = settings.data_dir
        self._database = database = house.database
        self.conversations = Conversations(database, user_id)
        self.models = Models(database, user_id)
        self.learning = Learning(database, user_id)
        self.speakers = Speakers(database, user_id)
        self.tails = Tails()
        self.folder, self.servers = house.folder, house.servers
        usual = limits(settings).thresholds
        self.consenting = Consenting(self.learning, self.models, self.speakers, usual=usual)
        dreams = house.own_folder(dreaming.FOLDER, user_id)
        self.forgetter = Forgetter(
            database, user_id, folder=self.folder, copies=house.copies, dreams=dreams
        )
        first_model.ensure(self.models, self.folder, starter_file=house.starter_file)
        self.catalog = Catalog(
            self.models, self.folder, default=settings.model, servers=self.servers
        )
        self.checkpoints = Checkpoints(self.models, self.learning, self.catalog, self.folder)
        self.storeroom = Storeroom(self.data_dir, self.models, self.folder)
        self.new_models = NewModels(
            Trainings(database, user_id),
            self.models,
            self.learning,
            self.folder,
            house=house,
            user_id=user_id,
        )
        self._live = live = house.live_models(self.models)
        self.completions = Completions(live, self.conversations)
        self._doubts = read_doubts(starter.DOUBTS)
        self._taught = Taught(self.learning)
        self._examiner = Examiner(
            self.models, self.folder, database, learner_is_alive=house.learner_is_alive
        )
        self.router = Router(
            doubt=self._doubt_about,
            known=self._taught.words,
            practised=functools.partial(practice_in, self.data_dir / "cache"),
            core_prompt=house.core_prompt.read,
        )
        self.folders = Folders(database, user_id)
        self.trees = Trees(database, user_id)
        self.talks = Talks(self.conversations, self.trees)
        self.dreaming = Dreaming(Dreams(database, user_id), self.models, self.catalog, dreams)
        self._notes = notes = Notes(database, user_id)
        self.notebook = Notebook(
            notes,
            self.catalog,
            self.folder,
            conversations=self.conversations,
            forgetter=self.forgetter,
        )
        self.library = Library(
            database,
            user_id,
            live=live,
            embedding=embedding.installed(),
            most_bytes=settings.document_mb << 20,
            copies=house.copies,
        )
        quoting = Quoting(self.library.attachments, self.library.shelf)
        logger = house.logger(user_id)
        memories = Memories(database, user_id)
        self.memory = Memory(memories, self.conversations, self.speakers, logger)
        parts = self.talks, live, self.tails, self.router, self.speakers
        self.replies = Replies(*parts, quoting, logger, self.memory)
        self.glass = Glass(self.talks, self.models, self.folder, self.speakers, live)
        self._eraser = Eraser(self.talks, house.copies, undo_s=UNDO_S)
        self.talking = Talking(
            settings, self.talks, self.catalog, live, self.replies, self._eraser, self.speakers
        )

    @classmethod
    def open(cls, settings: Settings, *, role: Literal["server"] | None = None) -> Self:
        """The local user's side of a data directory. Raises as `House.open`."""
        house = House.open(settings, role=role)
        try:
            return cls(house, house.door.accounts.local())
        except BaseException:
            house.close()
            raise

    @property
    def user_name(self) -> str:
        """The name this user signs in with."""
        return self.house.door.accounts.get(self.user_id).name

    def leave(self) -> None:
        """Finish what is being written for this user. Can be repeated."""
        self.replies.close()
        self.notebook.close()
        self._eraser.close()
        self.talks.close()

    def close(self) -> None:
        """Leave, and close the house with everything in it. Can be repeated."""
        self.leave()
        self.house.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- talking ---

    def begin_chat(
        self, text: str, *, conversation_id: str | None = None, **how: Unpack[How]
    ) -> BegunExchange:
        """Say something, in a new conversation unless one is named; its answer is on its way."""
        if conversation_id is None:
            conversation_id = self.talking.begin(model=how.get("model")).id
        return self.talking.say(conversation_id, text, **how)

    def chat(self, text: str, **options: Any) -> TurnRow:
        """Say something as `begin_chat` does, and wait for the answer."""
        return self.replies.wait(self.begin_chat(text, **options).answer.id)

    def generate(
        self,
        seed_text: str = "Hello",
        *,
        length: int = 100,
        temperature: float | None = None,
        seed: int | None = None,
        model: str | None = None,
    ) -> tuple[str, str]:
        """`seed_text` and what the model writes after it, and the checkpoint that wrote it.

        Without `seed` every call writes something else.
        """
        checkpoint, answering = self.catalog.answering(model)
        text = answering.complete(
            seed_text,
            length=length,
            temperature=self.settings.temperature if temperature is None else temperature,
            seed=secrets.randbits(63) if seed is None else seed,
        )
        return text, checkpoint

    # --- leaving and coming back ---

    def export(self, form: Format, *, conversation_id: str | None = None) -> Iterator[str]:
        """Conversations as a file, in pieces. Raises `NotFound`."""
        return porting.export(self.trees, form, conversation_id=conversation_id)

    def export_profile(self) -> Path:
        """Everything as one new file, which the caller removes.

        Raises `StorageFull`, and `Conflict` when other people have something in it too.
        """
        if len(self.house.door.accounts.ids()) > 1:
            raise Conflict(
                "Several people use this server, and this file would hold what all of them said. "
                "Back it up on its own machine with `l2c backup`."
            )
        folder = self.data_dir / "exports"
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / f"{secrets.token_hex(16)}.tar"
        archive.back_up(self.settings, target)
        return target

    def importing(self, *, learn: bool) -> Importing:
        """What takes in a file of conversations; they teach only with `learn`."""
        model = self.catalog.get().name
        return Importing(self.trees, model=model, learn=learn, now=self._database.now)

    # --- learning ---

    def learner(self, stop: threading.Event, *, role: Role | None = None) -> Learner:
        """This user's learner, in this process, until `stop`; `role` where it is taken already.

        Raises `Busy` when another process has the role.
        """
        return Learner(
            self.settings.model,
            models=self.models,
            learning=self.learning,
            speakers=self.speakers,
            folder=self.folder,
            resume=ResumePoint(self.data_dir / "learner" / f"resume-{self.user_id}"),
            stop=stop,
            limits=limits(self.settings),
            lock=role or self.house.learner_role(),
            attic=Attic(self.forgetter.wishes, self.house.copies, self.data_dir),
        )

    def learning_view(self, name: str | None = None) -> report.LearningView:
        """How the learning of a model is going."""
        row, (_, answering) = self.catalog.get(name), self.catalog.answering(name)
        return report.view(
            self.learning,
            row,
            answering,
            learner_is_alive=self.house.learner_is_alive(),
            thresholds=self.consenting.thresholds(),
        )

    def lessons(self, *, limit: int, before: int | None) -> LessonPage:
        """The lessons of the default model, newest first."""
        return self.learning.lessons(self.settings.model, limit=limit, before=before)

    def lesson(self, number: int) -> tuple[LessonRow, list[SourceView]]:
        """A lesson of the default model, and exactly what it taught. Raises `NotFound`."""
        model = self.settings.model
        sources = lesson_sources(self.learning, self._notes, model, number)
        return self.learning.lesson(model, number), sources

    def rebuild(self, name: str, *, on_progress: OnProgress, stop: threading.Event) -> Rebuilt:
        """Make the live checkpoint again from the ledger. Raises `Busy` while a learner runs."""
        learner = self.learner(stop)
        try:
            learner.watch(on_progress)
            return learner.rebuild(name)
        finally:
            learner.close()

    def begin_model(self, name: str) -> None:
        """Make sure the model of another starter that came with the program is there."""
        first_model.begin(self.models, self.folder, name)

    def train_text(
        self,
        files: Sequence[Path],
        *,
        name: str,
        engine: str | None,
        minutes: float,
        seed: int,
        stop: threading.Event,
        on_progress: OnProgress,
        tokenizer: Tokenizer | None = None,
    ) -> TextOutcome:
        """Teach text files to a new model (`engine` given) or to the one called `name`."""
        school = TextSchool(self.models, self.folder, self.data_dir / "learner")
        return school.train(
            files,
            name=name,
            engine=engine,
            seconds=60 * minutes,
            seed=seed,
            tokenizer=tokenizer,
            autosave_s=self.settings.autosave_s,
            stop=stop,
            on_progress=on_progress,
        )

    def evaluate(self, file: Path | None, *, chat: bool, model: str | None) -> Examination:
        """How surprised a model is by a text; with `chat`, how it and the router pass the exam."""
        row = self.catalog.get(model)
        answering = self._answering(row.name) if chat else None
        return examine(row, self.folder.load(row.live), file, answering=answering)

    def _answering(self, name: str) -> Answering:
        """Who answers as in a conversation, greedily, without storing anything."""
        provider = self._live.current(name)
        sampling = Sampling(temperature=0.0, length=self.settings.answer_tokens, seed=0)

        def answer(messages: Sequence[Message]) -> tuple[str, Origin]:
            rules = self.speakers.rules()
            told = functools.partial(self.memory.answer, messages, rules, turn_id=None)
            route = self.router.route(provider, messages, anyway=False, told=told)
            return "".join(route.pieces(provider, messages, sampling)), route.origin

        return answer

    # --- health ---

    def save(self) -> tuple[str, str]:
        """The live checkpoint, which is durable already, and the time it was looked at."""
        row = self.models.get(self.settings.model)
        self.folder.load(row.live)
        return row.live, self._database.now()

    def health(self) -> Health:
        """Whether L2C can do its work, part by part."""
        return self._examiner.health(self.settings.model)

    def _doubt_about(self, name: str) -> Doubt | None:
        """The record of doubt of the shipped starter that a model descends from, if it has one."""
        return self._doubts.get(self.models.get(name).descends_from)
