"""The starter corpus: what `le` has read before it meets its user.

Two halves. The *handwritten* half is natural dialogue in plain English, one file for each
subject. The *generated* half practises what rules can make without end: sums, opposites, days
and months, and above all being told a made-up fact and being asked for it. Both are part of
this package, so that a starter checkpoint can be rebuilt, and checked, on any machine.

Training text and held-out text never share a conversation, and the generated ones never share
a wording either: `held_out()` asks in sentences that no training conversation contains.
"""

from l2c.corpus.dialogues import handwritten, practised_lines, read_dialogues, words
from l2c.corpus.generator import generated, practised
from l2c.corpus.splits import handwritten_for_training, held_out, training

__all__ = [
    "generated",
    "handwritten",
    "handwritten_for_training",
    "held_out",
    "practised",
    "practised_lines",
    "read_dialogues",
    "training",
    "words",
]
