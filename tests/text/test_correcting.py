"""One word of what was told is put right, and the rest stays."""

import pytest

from l2c.text.facts import find
from l2c.text.standing import standing


@pytest.mark.parametrize(
    ("told", "corrected", "said"),
    [
        (
            "Alan had an operation in March.",
            "Forgive me, it was April.",
            "Alan had an operation in April",
        ),
        (
            "I fly to Cork.",
            "I made mistake, I fly to Bray, not Cork",
            "I fly to Bray",
        ),
        (
            "I start on the 12th of May.",
            "oh wait its the 19th not the 12th",
            "I start on the 19th of May",
        ),
        (
            "I have driven this car since 2009.",
            "I am mistaken, it was 2008.",
            "I have driven this car since 2008",
        ),
        ("I have an exam on Thursday.", "the exam got moved to friday", "I have an exam on friday"),
    ],
)
def test_a_correction_may_be_of_the_day_or_the_year_alone(
    told: str, corrected: str, said: str
) -> None:
    before = find(f"My husband is called Alan. {told}")
    (new,) = find(corrected, before)
    assert new.said.removeprefix("my husband ") == said
    assert [at for at in standing([*before, new]) if at >= 1] == [len(before)]
