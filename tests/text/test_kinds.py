"""A message's kind is told by its cues, and what asks for knowledge or for work is of no kind."""

import pytest

from l2c.text.kinds import is_remark, is_reply, kind_of


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("that was really helpful, thank you", "thank you"),
        ("must dash, the train is here", "bye"),
        ("Time for bed", "Good night"),
        ("everything goes wrong for me", "I feel so sad today."),
        ("my husband seems sad lately", "somebody I love is sad"),
        ("my sister isn't talking to me", "somebody hurt me"),
        ("I feel like a bad mother sometimes", "I am not good enough"),
        ("You have been very patient with me.", "good job"),
        ("my aunt passed away in May", "my grandfather died yesterday"),
        ("My boss shouted at me", "I am angry."),
        ("I broke my leg last week", "I am ill."),
        ("My flatmate broke my mug", "I am angry."),
        ("I can\u2019t stop worrying", "I am worried."),
        ("I hardly slept", "I am tired"),
        ("we won the cup!", "I passed!"),
        ("fancy telling me a story?", "Tell me a story"),
        ("write me a tiny story about a badger", "Tell me a story"),
        ("a story, quick, before the bus comes", "Tell me a story"),
        ("my colleague takes the credit for my work", "somebody was unfair to me"),
        ("we had to put our old cat to sleep", "my dog died"),
        ("my knees are shaking before the audition", "I am nervous about something"),
        ("I should have visited him", "I feel bad about it"),
        ("the neighbour forgot me, nobody called", "I have nobody to talk to"),
        ("my boss praised me in front of everybody", "I made it after all"),
        ("I'm thankful for small things", "I feel calm today"),
        ("I'm over the moon", "I'm so happy today"),
        ("I am not very tired but everything feels grey", "I feel so sad today."),
        ("nobody would notice if I was gone", "I don't want to live anymore"),
        ("the vet says our cat won't make it", "my dog died"),
        ("so bored I could scream", "I am bored"),
        ("sometimes I want to die", "I don't want to live anymore"),
    ],
)
def test_a_few_words_tell_the_kind(said: str, line: str) -> None:
    kind = kind_of(said)
    assert kind is not None
    assert kind.line == line


@pytest.mark.parametrize(
    "said",
    [
        "write a thank-you letter to my boss",
        "please translate 'see you soon' into French",
        "why do people cry?",
        "what is the best treatment for a headache",
        "summarise the story of Hamlet",
        "how many people died in the war?",
    ],
)
def test_work_and_knowledge_are_of_no_kind(said: str) -> None:
    assert kind_of(said) is None


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("worst. day. ever.", "I feel so sad today."),
        ("I'm not okay", "I feel so sad today."),
        ("nothing makes me happy any more", "I feel so sad today."),
        ("he never listens to me", "somebody hurt me"),
        ("I miss how things were", "I miss the old days"),
        ("how can I stop being so angry", "I am angry."),
        ("who gets to see the stuff I write", "who can read my messages?"),
        ("how long do you keep my messages", "will you forget me"),
        ("are you recording this", "what do you store about me?"),
        ("is there a real human answering", "am I talking to a human"),
        ("what's your opinion on pineapple on pizza?", "what is your opinion on that?"),
        ("do you think I'll be okay?", "will it all turn out well for me?"),
        ("you misunderstood me", "That is wrong"),
        ("shut up", "fuck you"),
        ("do u store my data", "what do you store about me?"),
        ("and where is it stored", "where are my chats stored?"),
        ("ur chatgpt right", "are you chatgpt"),
        ("who made u then", "who made you?"),
        ("I think my girlfriend is going to leave me", "somebody hurt me"),
        ("Sorry, I didn't mean that.", "I didn't mean that"),
        ("tell us about the fox and the moon", "Tell me a story"),
        ("tell me a sad one", "Tell me a story"),
    ],
)
def test_other_words_tell_the_same_kind(said: str, line: str) -> None:
    kind = kind_of(said)
    assert kind is not None
    assert kind.line == line


@pytest.mark.parametrize(
    "said",
    [
        "I have a good feeling about it",
        "what time do you go to bed",
        "how many days is it until then?",
        "did you have a nice weekend",
        "I'm scared to go to sleep",
    ],
)
def test_a_good_feeling_and_a_bed_are_no_farewell(said: str) -> None:
    kind = kind_of(said)
    assert kind is None or kind.line not in ("bye", "Good night")


def test_what_a_dog_fears_is_no_feeling_of_ones_own() -> None:
    assert kind_of("our dog Biscuit is scared of thunder") is None
    assert kind_of("I am scared of thunder") is not None


def test_a_blue_car_is_no_sorrow() -> None:
    assert kind_of("I drive a blue Skoda that I bought from my uncle.") is None
    assert kind_of("I feel blue") is not None


def test_what_is_denied_is_no_feeling() -> None:
    assert kind_of("I am not tired") is None
    assert kind_of("I'm not angry at all") is None


def test_a_few_words_that_ask_for_nothing_may_be_a_reply() -> None:
    assert is_reply("one of each")
    assert not is_reply("why do you ask?")
    assert not is_reply("please translate this")
    assert not is_reply(" ".join(["and"] * 15))


def test_an_answer_that_shows_no_sympathy_gets_some() -> None:
    kind = kind_of("I am so sad")
    assert kind is not None
    assert kind.tone is not None
    assert kind.tone.of("What happened?") == "I am sorry to hear that. What happened?"
    assert kind.tone.of("That is hard.") == "That is hard."


def test_a_remark_asks_for_nothing() -> None:
    assert is_remark("my cat sleeps on the piano")
    assert is_remark("What a lovely morning")
    assert is_remark("work is eating me alive")
    assert is_remark("Toby's birthday is in May")
    assert is_remark("john isn't in York any longer")
    assert not is_remark("in which year was she born")
    assert not is_remark("Write poems")
    assert not is_remark("for whom is it made by us")
    assert not is_remark("is my cat asleep?")
    assert not is_remark("I need a recipe for bread")
    assert not is_remark("order a taxi for me")


def test_what_is_replied_is_said_of_oneself() -> None:
    assert kind_of("rather wobbly than well today") is None
    kind = kind_of("rather wobbly than well today", replying=True)
    assert kind is not None
    assert kind.line == "honestly, not so good"


@pytest.mark.parametrize(
    "said",
    [
        "I wrote a story once",
        "shall I tell you a story?",
        "tell me the story of Hamlet",
        "it's a long story",
        "write a short story of 500 words",
        "write a story for the newspaper",
    ],
)
def test_not_every_story_is_wished_for(said: str) -> None:
    kind = kind_of(said)
    assert kind is None or kind.line != "Tell me a story"


@pytest.mark.parametrize(
    "said",
    [
        "no worries",
        "I lost my umbrella on the tram",
        "my friend told me something funny",
        "my grandmother told me a story",
        "my computer is broken",
        "maybe ill leave a note",
        "my brother got a puppy",
    ],
)
def test_a_cue_with_something_around_it_is_another_thing(said: str) -> None:
    assert kind_of(said) is None
