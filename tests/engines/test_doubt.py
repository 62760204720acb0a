"""Whether a model would rather say something else is a matter of whole answers."""

import numpy as np

from l2c.conversation import Message, Role
from l2c.engines.doubt import rather
from l2c.engines.engine import Batch, Sampler
from l2c.engines.model import LanguageModel
from l2c.text.characters import CharacterTokenizer
from l2c.text.template import encode_conversation

ASKED = Message(Role.USER, "who?")
ANSWERS = ("no", "no", "ba", "bi", "bo")
"""What was practised: begins with `b` more often than not, and is never anything as often as no."""


def practised() -> LanguageModel:
    model = LanguageModel.create(
        "lstm",
        {"hidden_size": 16, "learning_rate": 2e-2},
        CharacterTokenizer("who?naibe"),
        seed=0,
    )
    said = [[ASKED, Message(Role.ASSISTANT, answer)] for answer in ANSWERS]
    tokens = np.array([encode_conversation(one, model.tokenizer) for one in said], np.int32)
    weights = np.ones((len(tokens), tokens.shape[1] - 1), np.float32)
    for _ in range(300):
        model.engine.practise(Batch(tokens, weights, np.ones(len(tokens), np.bool_)))
    return model


def test_an_answer_that_is_likelier_as_a_whole_is_preferred_to_how_most_begin() -> None:
    model = practised()
    greedy = "".join(
        p.text for p in model.answer([ASKED], Sampler(temperature=0.0), length=4, seed=0)
    )
    assert greedy.startswith("b")
    assert rather(model, [ASKED], "no")
    assert not rather(model, [ASKED], "nobi")
    assert not rather(model, [ASKED], greedy)
