"""The template writes roles as control tokens, the same for training and for asking."""

from hypothesis import given
from hypothesis import strategies as st

from l2c.conversation import Message, Role
from l2c.text.bytes import ByteTokenizer
from l2c.text.template import UNWRITABLE, encode_conversation, encode_prompt
from l2c.text.tokenizer import Control

TOKENIZER = ByteTokenizer()
messages = st.lists(st.builds(Message, st.sampled_from(Role), st.text(max_size=20)), max_size=5)


def test_a_prompt_is_the_conversation_and_the_word_given_to_le() -> None:
    said = [Message(Role.USER, "Hi")]
    spoken = [Control.START, Control.USER, *TOKENIZER.encode("Hi"), Control.END]
    assert encode_conversation(said, TOKENIZER) == spoken
    assert encode_prompt(said, TOKENIZER) == [*spoken, Control.ASSISTANT]


@given(messages)
def test_what_is_typed_cannot_forge_a_role(said: list[Message]) -> None:
    tokens = encode_conversation(said, TOKENIZER)
    roles = [t for t in tokens if t in (Control.SYSTEM, Control.USER, Control.ASSISTANT)]
    assert len(roles) == len(said)
    assert tokens.count(Control.END) == len(said)
    assert tokens.count(Control.START) == 1


@given(messages, messages)
def test_a_training_text_begins_with_its_own_prompt(
    said: list[Message], more: list[Message]
) -> None:
    answered = [*said, Message(Role.ASSISTANT, "So it is."), *more]
    prompt = encode_prompt(said, TOKENIZER)
    assert encode_conversation(answered, TOKENIZER)[: len(prompt)] == prompt


def test_a_model_may_write_the_end_and_no_other_control_token() -> None:
    assert set(Control) - set(UNWRITABLE) == {Control.END}
