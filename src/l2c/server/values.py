"""The values the API speaks in, as it documents them (`docs/reference/api.md`).

Rows of the store become these and nothing else leaves the server, so a new column never leaks
by itself. Requests are checked here too: ranges, lengths, no NaN.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_CHARACTERS = 32_768
Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
TopK = Annotated[int, Field(ge=0, le=100_000)]
TopP = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
MinP = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Penalty = Annotated[float, Field(ge=0.5, le=2, allow_inf_nan=False)]
Length = Annotated[int, Field(ge=1, le=4096)]
ModelName = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class Value(BaseModel):
    """What the server says; made from a row by its attributes."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


class Request(BaseModel):
    """What a client asks. Unknown fields are ignored, so that older servers keep working."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), allow_inf_nan=False)


class ConversationSampling(BaseModel):
    """How the answers of a conversation are written; what is left out is as everywhere else."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    temperature: Temperature | None = None
    top_k: TopK | None = None
    top_p: TopP | None = None
    min_p: MinP | None = None
    repetition_penalty: Penalty | None = None
    length: Length | None = None
    seed: Seed | None = None


class Conversation(Value):
    """A conversation."""

    id: str
    title: str
    titled: bool
    created_at: str
    updated_at: str
    model: str
    learn: bool
    pinned: bool
    archived: bool
    temporary: bool
    folder_id: str | None
    tags: list[str]
    system_prompt: str
    sampling: dict[str, float | int] | None
    draft: str
    active_turn_id: str | None
    turn_count: int
    deleted: bool


class Folder(Value):
    """A folder."""

    id: str
    name: str
    created_at: str
    conversations: int
    learn: bool


class Tag(Value):
    """A tag that conversations have."""

    name: str
    conversations: int


class Window(Value):
    """What the model saw of the conversation. Older answers tell less: null is unknown."""

    size: int | None = None
    budget: int
    tokens: int
    system_tokens: int = 0
    document_tokens: int = 0
    memory_tokens: int = 0
    pinned_tokens: int = 0
    dropped_turns: int
    dropped_tokens: int
    begins_at: str | None = None
    begins_offset: int = 0
    pinned_out: list[str] = []
    taken_for: str | None = None


class TurnSampling(Value):
    """How an answer was written."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float = 0.0
    repetition_penalty: float
    length: int
    seed: int


class Quote(Value):
    """A place in a document and its text. `document_id` is null once the document is erased."""

    document_id: str | None
    name: str
    page: int
    start: int
    end: int
    text: str


class Remembered(Value):
    """A turn that an answer remembers, and its first 120 characters: "you told me on ..."."""

    turn_id: str
    conversation_id: str
    told_at: str
    said: str


class Turn(Value):
    """A turn."""

    id: str
    conversation_id: str
    parent_id: str | None
    version: int
    versions: int
    made_from: str | None
    role: Literal["user", "assistant", "system"]
    text: str
    status: Literal["streaming", "complete", "stopped", "interrupted", "error"]
    created_at: str
    finished_at: str | None
    learn: bool
    learning: Literal["queued", "learned", "to_forget", "off", "refused", "none"]
    lesson: int | None
    pinned: bool
    rating: Literal[-1, 1] | None
    model: str | None
    checkpoint: str | None
    origin: str | None
    sampling: TurnSampling | None
    window: Window | None
    error: str | None
    citations: list[Quote] | None
    remembered: list[Remembered] | None


class Exchange(Value):
    """A user's turn and the answer that follows it."""

    user: Turn
    answer: Turn


class SmallerCopy(Value):
    """What a model is a smaller copy of, and what that cost in bits per byte of held-out text."""

    model: str
    checkpoint: str
    stored: Literal["f16", "q8_0", "q4_0"]
    size_before: int
    size_after: int
    bits_before: float
    bits_after: float
    read: int


class Model(Value):
    """A model that can be picked."""

    name: str
    engine: str
    learns: bool
    parameters: int
    vocabulary_size: int
    window: int
    live: str
    starter: str
    checkpoints: int
    size_bytes: int
    created_at: str
    config: dict[str, bool | int | float | str]
    smaller: SmallerCopy | None


class Checkpoint(Value):
    """One version of a model."""

    digest: str
    parent: str | None
    came_from: str | None
    lesson: int | None
    created_at: str
    size_bytes: int
    live: bool
    pinned: bool
    available: bool


class Lesson(Value):
    """One run of the learner. Figures that do not apply are null.

    `counted_before` and `counted_after` are what counting alone makes of the text of `bits_before`,
    `thresholds` the fractions its verdict was given under.
    """

    number: int
    kind: Literal["exchanges", "practice"]
    state: Literal["training", "kept", "refused", "failed"]
    started_at: str
    finished_at: str | None
    sources: int
    steps: int | None
    tokens: int | None
    cpu_seconds: float | None
    loss_before: float | None
    loss_after: float | None
    bits_before: float | None
    bits_after: float | None
    counted_before: float | None
    counted_after: float | None
    general_percent: float | None
    checkpoint: str | None
    parent: str
    verdict: str | None
    thresholds: dict[str, float] | None


class Source(Value):
    """One exchange a lesson was made of. `text` is null once its conversation is gone.

    `note_id` is the page of the notebook whose words it is.
    """

    conversation_id: str | None
    turn_id: str | None
    note_id: str | None
    text: str | None
    sha256: str


class Now(Value):
    """The lesson that runs."""

    lesson: int | None
    kind: str | None
    sources: int | None
    doing: str
    step: int | None
    steps: int | None
    loss: float | None
    seconds_left: float | None


class Learning(Value):
    """Everything the learning panel shows."""

    status: Literal["active", "idle"]
    learner: Literal["alive", "absent"]
    paused: bool
    cpu_share: float
    model: str
    engine: str
    checkpoint: str
    iterations: int
    loss: float | None
    vocabulary_size: int
    conversations_learned: int
    queue_size: int
    now: Now | None
    bits_at_start: float | None
    bits_now: float | None
    general_percent: float | None
    general_limit_percent: float
    drift_percent: float | None
    loss_curve: list[tuple[int, float]]
    bits_curve: list[tuple[int, float, float, float | None, float | None]]
    lessons: list[Lesson]
    autosaved_at: str | None


class Limits(Value):
    """What a client should know before it sends."""

    text_characters: int = MAX_CHARACTERS


class Sampling(Value):
    """How answers are written unless a request says otherwise."""

    temperature: float


class Session(Value):
    """Who is here and what can be used."""

    user: str
    version: str
    default_model: str
    models: list[Model]
    sampling: Sampling
    limits: Limits = Limits()


class Hit(Value):
    """A turn that a search found; `snippet` marks the words that matched."""

    turn_id: str
    conversation_id: str
    title: str
    role: str
    snippet: list[tuple[str, bool]]
    created_at: str


class ErrorDetail(Value):
    """What went wrong, for programs (`type`, `field`) and people (`message`)."""

    type: str
    message: str
    field: str | None = None


class Error(Value):
    """The one shape of every error."""

    error: ErrorDetail


class OpenAIErrorDetail(Value):
    """What went wrong, in the OpenAI dialect."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(Value):
    """The shape of every error under `/v1`."""

    error: OpenAIErrorDetail


class OllamaError(Value):
    """The shape of every error under `/api`."""

    error: str


def errors(shape: type[Value]) -> dict[int | str, dict[str, Any]]:
    """What every route may answer besides its own value, in one shape."""
    statuses = (400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503, 507)
    return {status: {"model": shape} for status in statuses}


ERRORS = errors(Error)
