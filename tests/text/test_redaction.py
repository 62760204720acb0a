"""What nobody wants known by heart is taken out, and what only looks like it stays."""

import pytest

from l2c.text.redaction import KINDS, redact

FOUND = [
    ("Mail ada.lovelace+x@mail.example.org now.", "Mail (e-mail) now."),
    ("Card 4111 1111 1111 1111, please.", "Card (card number), please."),
    ("5500-0000-0000-0004", "(card number)"),
    ("Call +49 30 901820 or 030 / 90 18 20 33.", "Call (phone number) or (phone number)."),
    ("It is (030) 901820-33.", "It is (phone number)."),
    ("sk-abcdefghijklmnop1234 is mine", "(key) is mine"),
    ("AKIAIOSFODNN7EXAMPLE", "(key)"),
    ("d41d8cd98f00b204e9800998ecf8427e", "(key)"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc", "(key)"),
    ("l2c_" + "x" * 43, "(key)"),
]


@pytest.mark.parametrize(("text", "left"), FOUND)
def test_what_is_found_is_replaced_by_a_word_for_it(text: str, left: str) -> None:
    assert redact(text, KINDS) == left
    assert redact(left, KINDS) == left


@pytest.mark.parametrize(
    "text",
    [
        "I was born on 21.11.1976 at 08:15.",
        "4111 1111 1111 1112 has a wrong check digit.",
        "My locker is number 4711, my lottery numbers 3 14 15 92 65.",
        "Version 1.2.3.4 of sk-learn",
        "a@b",
        "The population was 1234567890 in 2020.",
        "@home at 12 or 13",
        "猫は 3 匹",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text, KINDS) == text


def test_only_the_kinds_asked_for_are_taken_out() -> None:
    text = "a@example.org, 4111111111111111"
    assert redact(text, ["card"]) == "a@example.org, (card number)"
    assert redact(text, []) == text


@pytest.mark.slow
def test_long_hostile_text_is_read_in_no_time() -> None:
    for text in ("1 " * 20_000, "a@" * 20_000, "+0(" * 20_000, "x." * 20_000, "w" * 40_000):
        redact(text, KINDS)
