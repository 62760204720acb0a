"""What is practised beside the talks keeps to its form."""

from l2c.corpus import practice
from l2c.text.kinds import kinds
from l2c.text.lexicon import plain
from l2c.text.likeness import spelt_out


def test_a_meaning_is_one_short_sentence_that_says_its_word() -> None:
    for word, (_, meaning, _) in practice.meanings().items():
        assert word.split()[-1].removesuffix("y").removesuffix("s") in meaning.lower(), word
        assert meaning[0].isupper(), word
        assert meaning.endswith("."), word
        assert len(meaning) < 140, word


def test_small_talk_never_reads_as_the_line_of_another_kind() -> None:
    lines = {" ".join(spelt_out(kind.line)): kind.line for kind in kinds()}
    for said, _, before in practice.passing():
        line = lines.get(" ".join(spelt_out(said)), said)
        assert before or _bare(said) == _bare(line), said


def _bare(text: str) -> str:
    return plain(text).lower().strip("?!.")
