"""Word problems of one step are computed where every quantity has its part, and else left alone."""

import pytest

from l2c.chat.word_problems import answer

COMPUTED = {
    "I need to bake 48 rolls, each takes 65 g of flour. How much flour is that?":
        "48 times 65 g is 3120 g.",
    "I have 6 boxes with 12 eggs in each, how many eggs do I have?": "6 times 12 eggs is 72 eggs.",
    "each child gets 3 sweets and there are 18 children, how many sweets?":
        "18 times 3 sweets is 54 sweets.",
    "If one ticket costs £7.50, what do 4 tickets cost?":
        "4 times 7.5 pounds is 30 pounds.",
    "one egg costs 30 cents, how much is a dozen": "12 times 30 cents is 360 cents.",
    "there are 24 kids and 4 per table, how many tables do we need?":
        "24 divided by 4 is 6 tables.",
    "a pack has 8 sausages, I need 30, how many packs?": "30 divided by 8 is 3.75, so 4 packs.",
    "I read twenty pages a day. How long does a 300 page book take?":
        "300 divided by 20 is 15 days.",
    "I sleep 7 hours a night, how many hours a week is that":
        "7 hours a night is 49 hours a week.",
    "how much a month is 1200 a year": "1200 a year is 100 a month.",
    "I work 8 hours a day, 5 days a week. How many hours a week is that?":
        "8 hours times 5 is 40 hours a week.",
    "if 3 pens cost 6 dollars how much do 5 pens cost": "For 5 pens it is 10 dollars.",
    "how much do 5 pens cost if 3 pens cost $6?": "For 5 pens it is 10 dollars.",
    "my recipe is for 4 people and uses 200g sugar. how much sugar for 10":
        "For 10 people it is 500 g.",
    "a car uses 6 litres for 100 km, how much for 450 km?": "For 450 km it is 27 litres.",
    "3 shirts for 45 euros, how much is one": "45 euros divided by 3 is 15 euros.",
    "what's 340 pounds split over 4 months":
        "340 pounds divided by 4 is 85 pounds a month.",
    "share 100 stickers among 8 children":
        "100 stickers divided by 8 is 12.5 stickers each.",
    "I paid with a 20 for 13.65, how much change do I get": "20 minus 13.65 is 6.35.",
    "Tom has 4 marbles and Lucy has 9 marbles, how many altogether": "4 plus 9 is 13 marbles.",
    "I have 5 hens and get 2 more. How many do I have?": "5 plus 2 is 7.",
    "If I have three apples and eat one, how many are left?": "3 minus 1 is 2.",
    "my gran gave me 20 pounds and I spent 6, how much do I have left": "20 minus 6 is 14.",
}  # fmt: skip

NO_PROBLEMS = (
    "I have 2 kids and 3 cats. How much do I love them?",
    "how many legs do 7 dogs have",
    "I am 34 and my wife is 31 and my son is 4, what is his name?",
    "I am 34 and my wife is 31, how much older am I?",
    "How long is 45 minutes each way in total",
    "My rent is 640 and my pay is 1900. What is left?",
    "8 people want 3 slices each and a pizza has 8 slices. how many pizzas?",
    "what do 6 eggs cost if a dozen is 3.60",
    "The meeting is at 3 and takes 2 hours. What is it about?",
    "I have 3 meetings on 4 days, what should I do?",
    "I bought 4 books for my sister who is 12. What should I read?",
    "It is 5 degrees and I have 2 coats. What is a coat?",
    "a pack has 0 sausages, I need 30, how many packs?",
    "I work 8 hours a day",
    "call 555-1234 each day, how many calls is that?",
)


@pytest.mark.parametrize(("asked", "answered"), COMPUTED.items())
def test_a_word_problem_is_computed(asked: str, answered: str) -> None:
    assert answer(asked) == answered


@pytest.mark.parametrize("said", NO_PROBLEMS)
def test_what_is_no_word_problem_is_left_alone(said: str) -> None:
    assert answer(said) is None
