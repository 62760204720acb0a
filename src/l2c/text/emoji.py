"""What a message of pictures alone says, in plain words: a thumb up is "good"."""

from __future__ import annotations

_SAYS = {
    "ok": "👍👌✅✔🤝💪💯",
    "thank you": "🙏🫶💐",
    "I'm so happy today": "😀😃😄😁😊🙂😍🥰🥳🎉🎊😎🤩✨❤♥🧡💛💚💙💜😘🤗",
    "haha": "😂🤣😆😅😜😝😹",
    "I feel so sad today.": "😢😭😞😔🙁☹💔😥😿🥺",
    "somebody was unfair to me": "😡😠🤬👿💢",
    "Hello": "👋🙋",
    "I am so tired": "😴🥱💤",
}
_WORDS = {picture: words for words, pictures in _SAYS.items() for picture in pictures}
_BESIDE = "\N{VARIATION SELECTOR-16}\N{ZERO WIDTH JOINER}"
_SKIN = range(0x1F3FB, 0x1F400)


def in_words(text: str) -> str:
    """The words for a message of known pictures alone, by the first; any other as it is.

    >>> in_words("👍🏽"), in_words("great 👍")
    ('ok', 'great 👍')
    """
    pictures = [one for one in text if not (one.isspace() or one in _BESIDE or ord(one) in _SKIN)]
    if not pictures or not all(one in _WORDS or one in "!?." for one in pictures):
        return text
    return _WORDS.get(pictures[0], text)
