"""Strings that break tokenizers: what every tokenizer of files is tried with."""

import random
from collections.abc import Iterator

CORPUS = (
    "The cat sat on the mat. It's 2026, isn't it? We'll see what they've done to the 1,234 mice.\n"
    "Where there is a will there is a way; the weather is there, the other weather is here.\n"
    "def hello(name):\n    return f'hello {name}'\n\n\tif hello: print(hello('world'))\n"
    "Ein schöner Tag, déjà vu, naïve café. Привет, мир! 你好,世界。こんにちは 🙂\n"
) * 40

PARTS = (
    " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\0", "\x1c", "\x85", "\u00a0", "\u2028",
    "\u3000", "\u200b", "\u2581", "\ufeff", "\uffff", "\U0010ffff", "é", "e\u0301", "日本語", "٣",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "Ⅷ", "½", "<0x0A>", "<unk>", "<s>", "</s>",
    "<|user|>", "<|im_start|>", "<|endoftext|>", "'s", "'LL", "'ſ", "12345", "a'b'c", "....", "?!",
    "the", "The", " the", "ing", "x" * 40, "Ġ", "İ", "ß",
)  # fmt: skip


def strings(count: int) -> Iterator[str]:
    """So many strings, always the same: pieces of text with nasty ones between."""
    chance = random.Random(5)
    for _ in range(count):
        parts = []
        for _ in range(chance.randrange(14)):
            at = chance.randrange(len(CORPUS) - 12)
            plain = CORPUS[at : at + chance.randrange(12)]
            parts.append(chance.choice(PARTS) if chance.random() < 0.4 else plain)
        yield "".join(parts)
