"""Pages to passages, and passages to sentences: places in a page, never copies of it.

A passage is what is found: a few paragraphs that belong together, or some rows of a table. It
knows what stands over it: the name of the document, its title, the heading in force, the names of
a table's columns. Those words are its context; they help to find it and are never quoted with it.
A sentence is what is quoted: a sentence, an item of a list, a row, a line such as `Phone: 12 34`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from l2c.retrieval.formats.book import Span

PASSAGE_CHARACTERS = 500
"""A passage is closed once it is longer; it takes a paragraph whole unless that is too long."""

LONGEST_PARAGRAPH = 900
HEADING_CHARACTERS = 90
ROWS_TOGETHER = 6

_PARAGRAPH = re.compile(r"(?:(?!\n[ \t]*\n).)+", re.DOTALL)
_ENDS = re.compile(
    r"""(?<=[.!?])["”’)\]]*\s+(?=["“‘(\[]?[A-Z0-9À-ÞΑ-ΩА-Я¿¡])"""  # Western
    r"|(?<=[。！？])"  # Chinese, Japanese
    r"|\n[ \t]*(?=(?:[-•*–‣◦]|\d{1,3}[.)]|[a-z]\))[ \t])"  # items of a list
    r"|(?<=।)\s+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Art|Abs|vs|etc|approx|ca|bzw|ggf|inkl|Inc|Ltd|Co|Fig|"
    r"Sec|Vol|pp?|e\.g|i\.e|z\.B|d\.h|u\.a|[dezuoi]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z]|"
    r"^\s*\d{1,3})\.$"
)
_ORDINAL = re.compile(r"\b\d{1,2}\.$")
_COUNTED = re.compile(
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|"
    r"Jahrhundert|Stock|Etage|Obergeschoss|Klasse|Quartal|Woche|Tag|Lebensjahr|Geburtstag)"
)
"""What a German ordinal counts: `13. Januar` ends no sentence."""

_INITIAL = re.compile(r"\b[A-Z]\.$")
_BEGINS = re.compile(
    r"(?:The|A|An|It|They|This|These|In|On|At|If|We|You|There|All|Every|Each|For|Please|Die|Der|Das|"
    r"Ein|Es|Sie|Im|Am)\s"
)
"""Words that begin a sentence and no name: "building C. The first aiders", but "by J. Smith"."""

_LABELLED = re.compile(r"^[^\n:.!?]{1,40}:\s+\S")
_CLOSES = re.compile(
    r"(?:yours (?:sincerely|faithfully|truly)|(?:kind|best|warm) (?:regards|wishes)|"
    r"mit freundlichen grüßen|signed|gezeichnet)\b",
    re.IGNORECASE,
)
"""The end of a letter names who wrote it, and is no heading."""

_DIVIDES = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:day|week|part|chapter|section|step|lesson|unit|"
    r"module|stage|tag|woche|teil|kapitel|schritt)\s+\w+)\b[^:\n]*:\s+\S",
    re.IGNORECASE,
)
"""A label that divides a document as a heading does: `Monday: to the island`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters `start` to `end` of a page, and the words that stand over them."""

    page: int
    start: int
    end: int
    context: str


def passages(
    pages: Sequence[str], tables: Sequence[Sequence[Span]], *, name: str
) -> Iterator[Passage]:
    """The passages of a document in their order."""
    title = ""
    heading = ""
    columns: dict[Span, str] = {}
    for table in tables:
        first = table[0]
        header = pages[first.page - 1][first.start : first.end].partition("\n")[0]
        columns |= dict.fromkeys(table, header)
    spoken = " ".join(re.split(r"[\W_]+", name.rpartition(".")[0] or name))
    for number, text in enumerate(pages, 1):
        rows = sorted((span for span in columns if span.page == number), key=lambda s: s.start)
        open_at: int | None = None
        end = 0
        for start, stop in _blocks(text, rows):
            span = next((s for s in rows if s.start == start), None)
            block = text[start:stop]
            at_the_top = number == 1 and not text[:start].strip()
            is_heading = span is None and is_heading_line(block, title=at_the_top)
            if open_at is not None and (
                is_heading or span is not None or end - open_at > PASSAGE_CHARACTERS
            ):
                yield Passage(number, open_at, end, _context(spoken, title, heading))
                open_at = None
            if span is not None:
                over = _context(spoken, title, heading, columns[span])
                yield from _rows(text, span, over)
                continue
            if is_heading:
                heading = " ".join(block.split())
                title = title or heading
            open_at = start if open_at is None else open_at
            end = stop
        if open_at is not None:
            yield Passage(number, open_at, end, _context(spoken, title, heading))


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph of a text starts and ends, a long one in parts cut between sentences."""
    return _blocks(text, ())


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of a piece of text starts and ends."""
    for paragraph in _PARAGRAPH.finditer(text):
        start = paragraph.start()
        for cut in [*_cuts(paragraph[0]), len(paragraph[0])]:
            stop = paragraph.start() + cut
            piece = text[start:stop]
            if piece.strip():
                yield (
                    start + len(piece) - len(piece.lstrip()),
                    stop - len(piece) + len(piece.rstrip()),
                )
            start = stop


def _cuts(paragraph: str) -> list[int]:
    """Where in a paragraph a sentence ends."""
    cuts = {
        found.end() for found in _ENDS.finditer(paragraph) if not _is_abbreviated(paragraph, found)
    }
    lines = paragraph.split("\n")
    longest = max(map(len, lines))
    position = 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        position += len(line) + 1
        table = "\t" in line or "\t" in following
        labelled = _LABELLED.match(line) and _LABELLED.match(following)
        short = len(line) < 0.5 * longest and not line.rstrip().endswith((",", ";", "-"))
        if following and (table or labelled or (short and following[:1].isupper())):
            cuts.add(position)
    return sorted(cut for cut in cuts if 0 < cut < len(paragraph))


def _is_abbreviated(paragraph: str, end: re.Match[str]) -> bool:
    """Whether the dot before a gap belongs to an abbreviation, and ends no sentence."""
    before = paragraph[: end.start()][-12:].split("\n")[-1]
    if _ORDINAL.search(before) and _COUNTED.match(paragraph, end.end()):
        return True
    if _INITIAL.search(before) and _BEGINS.match(paragraph, end.end()):
        return False
    return _ABBREVIATION.search(before) is not None


def _blocks(text: str, rows: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Paragraphs and pieces of tables in their order; long paragraphs in parts."""
    position = 0
    for span in [*rows, None]:
        until = len(text) if span is None else span.start
        for paragraph in _PARAGRAPH.finditer(text, position, until):
            if paragraph[0].strip():
                yield from _parts(text, paragraph.start(), paragraph.end())
        if span is not None:
            yield span.start, span.end
            position = span.end


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A paragraph, or parts of about the length of a passage cut between sentences."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if end - start <= LONGEST_PARAGRAPH:
        yield start, end
        return
    begun: int | None = None
    stop = start
    for first, last in sentences(text[start:end]):
        first, last = start + first, start + last
        if begun is not None and last - begun > PASSAGE_CHARACTERS:
            yield begun, stop
            begun = None
        while last - first > LONGEST_PARAGRAPH:  # no sentence at all: cut it anywhere
            yield first, first + LONGEST_PARAGRAPH
            first += LONGEST_PARAGRAPH
        begun = first if begun is None else begun
        stop = last
    if begun is not None:
        yield begun, stop


def _rows(text: str, span: Span, context: str) -> Iterator[Passage]:
    """Some rows of a table at a time."""
    start = span.start
    lines = text[span.start : span.end].split("\n")
    for first in range(0, len(lines), ROWS_TOGETHER):
        length = len("\n".join(lines[first : first + ROWS_TOGETHER]))
        yield Passage(span.page, start, start + length, context)
        start += length + 1


def is_heading_line(block: str, *, title: bool = False) -> bool:
    """Whether a paragraph reads as a heading: one short line that is no sentence.

    A line such as `Phone: 12 34` is none, unless it is where the `title` of a document stands.
    """
    line = block.strip()
    return (
        "\n" not in line
        and len(line) <= HEADING_CHARACTERS
        and line[-1:] not in ".!?,;:。！？"
        and (title or not _LABELLED.match(line) or _DIVIDES.match(line) is not None)
        and not line.startswith(("- ", "• ", "* "))
        and not _CLOSES.match(line)
        and any(character.isalpha() for character in line)
    )


def _context(*parts: str) -> str:
    return " ".join(dict.fromkeys(part for part in parts if part))
