"""Quantities are converted exactly, or the question is left to the model."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.chat.units import answer

RIGHT = {
    "what's 2.5 GB in MB": "2.5 gigabytes is 2500 megabytes.",
    "how many minutes is 3 and half hours": "3.5 hours is 210 minutes.",
    "convert 5 miles to km": "5 miles is about 8.05 kilometres.",
    "How many feet in a mile?": "1 mile is 5280 feet.",
    "how many ounces are in a pound": "1 pound is 16 ounces.",
    "Hey le, can you tell me what 20 celsius is in fahrenheit, please?": None,
    "what's 20°C in Fahrenheit?": "20 degrees Celsius is 68 degrees Fahrenheit.",
    "-40 f to c": "-40 degrees Fahrenheit is -40 degrees Celsius.",
    "0 kelvin in celsius": "0 kelvin is -273.15 degrees Celsius.",
    "how many minutes in two hours": "2 hours is 120 minutes.",
    "70 kilograms is how many pounds?": "70 kilograms is about 154.32 pounds.",
    "one hundred and five pounds in kilos": "105 pounds is about 47.63 kilograms.",
    "half a mile in metres": "0.5 miles is 804.672 metres.",
    "1 mm in km": "1 millimetre is 0.000001 kilometres.",
    "1,500 m to km": "1500 metres is 1.5 kilometres.",
    "a litre in gallons": "1 litre is about 0.26 US gallons.",
    "what is 60 mph in km/h": "60 miles an hour is about 96.56 kilometres an hour.",
}
LEFT = (
    "I ran 5 miles to school", "turn 3 into a frog", "5 miles in kg", "I am 5 feet tall",
    "how many miles", "-3 miles in km", "how many cats in a pound", "5 km in km", "", "a in m",
    "5 feet in", "how far is it to London in miles", "5 miles\nin km", "1e5 m in km",
)  # fmt: skip


@pytest.mark.parametrize(("asked", "answered"), [*RIGHT.items(), *((text, None) for text in LEFT)])
def test_questions_about_units(asked: str, answered: str | None) -> None:
    assert answer(asked) == answered


@given(st.integers(0, 10**6))
def test_there_and_back_is_the_same(feet: int) -> None:
    there = answer(f"{feet} feet in inches")
    assert there is not None
    assert there.split(" is ")[1] == f"{feet * 12} {'inch' if feet * 12 == 1 else 'inches'}."


@given(st.decimals("-1000", "1000", places=1))
def test_degrees_follow_their_definition(fahrenheit: Fraction) -> None:
    said = answer(f"{fahrenheit} f in c")
    assert said is not None
    value = float(said.split(" is ")[1].removeprefix("about ").split()[0])
    assert value == pytest.approx((float(fahrenheit) - 32) * 5 / 9, abs=0.0051)


@given(st.text(max_size=150))
def test_no_text_is_too_strange(text: str) -> None:
    answer(text)
