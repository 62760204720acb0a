"""What is practised beside the talks keeps to its form."""

from l2c.corpus import practice


def test_a_meaning_is_one_short_sentence_that_says_its_word() -> None:
    for word, (_, meaning, _) in practice.meanings().items():
        assert word.split()[-1].removesuffix("y").removesuffix("s") in meaning.lower(), word
        assert meaning[0].isupper(), word
        assert meaning.endswith("."), word
        assert len(meaning) < 140, word
