"""What kind of thing a question asks for, so that a sentence without one is no answer to it.

"How long …" wants a span of time or a length, "how much does … cost" an amount of money, "who" a
name. Where the form is sure (numbers, times, addresses) a sentence without it is held back; where
it is a guess (who, where, why) one with it is only preferred.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from l2c.retrieval.terms import alike, telling, terms

_WORDS_FOR_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "hundred|thousand|million|billion|dozen|half|none|zwei|drei|vier|fünf|sechs|sieben|"
    "acht|neun|zehn|elf|zwölf|zwanzig|dreißig"
)
_NUMBER = rf"(?<!\w)(?<!\w-)\d[\d.,]*|\b(?:{_WORDS_FOR_NUMBERS})\b"
"""A digit within a word belongs to a name: E1, 6b."""

_MONEY = (
    r"[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:(?:thousand|million|billion|k|m)\s)?(?:€|\$|£|¥|euros?\b|"
    r"eur\b|dollars?\b|usd\b|pounds?\b|gbp\b|francs?\b|chf\b|cents?\b|crowns?\b|kr\b|yen\b)|"
    r"\bfree\b|\bno (?:charge|fee|cost)\b|\bincluded\b|\bkostenlos\b"
)
_SPAN = (
    rf"(?:{_NUMBER})(?:[\s-]+\w+)?[\s-]+(?:seconds?|minutes?|hours?|days?|nights?|weeks?|fortnights?|"
    r"months?|quarters?|years?|decades?|lifetime|sekunden?|minuten?|stunden?|tage?n?|wochen?|"
    r"monate?n?|jahre?n?)\b|\b(?:until|lifetime|unlimited|a (?:day|week|month|year|quarter))\b"
)
_DATE = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|"
    r"dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|sonntag|spring|summer|autumn|winter|easter|christmas)s?\b|"
    r"\b(?:1[0-9]|20)\d\d\b|\b\d{1,2}[./]\d{1,2}\b|\b\d{4}-\d\d-\d\d\b"
)
_TIME = (
    r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|o.clock|uhr)\b|\bnoon\b|\bmidnight\b|"
    r"\bsunset\b|\bsunrise\b|\bdawn\b|\bdusk\b"
)
_OFTEN = (
    r"\bevery\b|\beach\b|\b(?:dai|week|month|quarter|year|annual|hour|bienni)\w*ly\b|\bannual\w*\b|"
    r"\b(?:ein|zwei|drei|vier)mal\b|\bdaily\b|\bonce\b|\btwice\b|\btimes\b|\bper\b|\balways\b|\bnever\b|\bjede|\btäglich|"
    r"\bwöchentlich|\bmonatlich|\bjährlich"
)
_LENGTH = r"\d[\d.,]*\s?(?:mm|cm|km|m|metres?|meters?|feet|ft|foot|inch(?:es)?|in|miles?|yards?)\b"
_MEASURE = (
    rf"(?:{_NUMBER})(?:\s\w+)?[\s-]?(?:mm|cm|m|km|m2|m²|ha|l|ml|g|kg|t|db|rpm|w|kw|v|a|ah|nm|gb|mb|tb|bar|"
    r"°c|°f|°|k|square|cubic|metres?|meters?|centimetres?|centimeters?|millimetres?|kilometres?|"
    r"kilometers?|feet|foot|inch(?:es)?|miles?|acres?|hectares?|lit(?:re|er)s?|grams?|kilograms?|"
    r"kilos?|tonnes?|tons?|pounds?|degrees?|decibels?|volts?|watts?|per ?cent|years?|months?|days?|"
    r"minutes?|hours?|people|persons|seats|rooms)\b|\d[\d.,]*\s?%"
)
_WARMTH = r"\d\s?(?:°\s?[cf]?\b|°|degrees?\b|celsius\b|grad\b)"
_WEIGHT = (
    rf"(?:{_NUMBER})\s?(?:g|kg|t|lbs?|oz|grams?|kilograms?|kilos?|tonnes?|tons?|pounds?|gramm|"
    r"kilogramm|kilo|tonnen?)\b"
)
_LOUDNESS = r"\d\s?(?:db\b|decibels?\b)"
_NAME = r"(?<![.!?\n] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+(?:\s+(?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ][\w’'-]+))*"
_TITLED = r"\b[A-ZÀ-Þ][\w’'-]+(?:\s+(?:van|von|de|der|di|el|[A-ZÀ-Þ]\.))*\s+[A-ZÀ-Þ][\w’'-]+"
_ADDRESSED = (
    r"\b(?:Frau|Herrn?|Familie|Dr\.|Prof\.)\s+[A-ZÀ-Þ][\w’'-]+|"
    r"(?<![.!?\n] )(?<!^)\b[A-ZÀ-Þ][a-zà-ÿ]+\s+[A-ZÀ-Þ][a-zà-ÿ]+"
)
"""In German every noun is written like a name, so a name is known by what is before it."""

_PLACE = (
    r"\b(?:in|at|on|near|behind|under|above|beside|next to|opposite|inside|outside|from|to|auf|bei|"
    r"im|hinter|unter|neben)\s+(?:the\s+|a\s+|an\s+)?(?!\d)\w+"
)
_COLOUR = (
    r"\b(?:black|white|gr[ae]y|red|blue|green|yellow|orange|brown|purple|pink|violet|silver|gold(?:en)?|"
    r"beige|turquoise|schwarz|wei(?:ß|ss)|grau|rot|blau|grün|gelb|braun)\w*\b"
)
_REASON = r"\b(?:because|since|due|so that|in order|reason|therefore|caused?|to avoid|weil|damit)\b"
_MONEY_ASKED = (
    r"\b(?:costs?|prices?|pays?|paid|charge[ds]?|fees?|rent|deposit|worth|earns?|budget|spend|spent|"
    r"fined?|penalty|salary|wage|money|expensive|invest\w*|refund\w*|owed?|premium|sum|amount|bonus|damage|revenue|turnover|"
    r"profit|kostet|kosten|preis|miete|gebühr)\b"
)


_VERBS = (
    "is|are|was|were|do|does|did|can|could|may|must|should|will|has|have|had|of|in|on|at|for|to|ist|"
    "sind|darf|kann|muss|hat"
)
_HOW_MANY = re.compile(
    rf"\b(?:how (?P<much>much|many)|wie viele?)\s+(?P<things>(?:(?!(?:{_VERBS})\b)\w+\s*){{1,3}})",
    re.IGNORECASE,
)
"""What is counted or measured: the words up to the verb."""

_FRACTION = r"\b(?:third|quarter|half|all|everything|nothing)\b"
_ORDINAL = (
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)|last)"
    r"\s+(?:\w+\s+)?(?:day|week|month|quarter|year)s?\b"
)
_NO_PERSON = re.compile(
    r"\b(?:street|road|lane|square|gate|hill|station|house|hall|park|river|school|company|january|"
    r"february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday)s?\b",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:\w+day|\w+ember|january|february|march|april|may|june|july|august|october|morning|"
    r"afternoon|evening|night|time|average|addition|general|case)s?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\.?")
_WHO = re.compile(
    r"^(?:(?!\b(?:what|which|where|when|why|how)\b).)*\b(?:who|whom|whose|wer|wem|wen)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"^(?:(?!\b(?:what|which|who|whom|whose|when|why|how)\b).)*\b(?:where|wo|wohin)\b",
    re.IGNORECASE,
)
COUNTED, MEASURED = (1, 3), (3, 4)
"""Words before and behind a number among which stands what it counts, and what it measures."""

_FIRST = r"^(?:(?!\b(?:what|which|who|whom|whose|where|when|why|how)\b).)*"
"""Before the first word that asks: a `when` after it tells only when to do something."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A form that an answer has.

    `sure` when a sentence without it cannot be the answer; `telling` when the form itself says what
    was asked: "1.6 kg" need not call itself heavy.
    """

    form: re.Pattern[str]
    sure: bool
    telling: bool

    def met_by(self, sentence: str, question: str) -> bool:
        """Whether a sentence has something of this form that the question has not said already."""
        said = Counter(found[0].casefold() for found in self.form.finditer(question))
        for found in self.form.finditer(sentence):
            repeated = said[found[0].casefold()] > 0
            said[found[0].casefold()] -= 1
            if not repeated and _counts(found, sentence, question):
                return True
        return False


def _counts(found: re.Match[str], sentence: str, question: str) -> bool:
    """Whether a number stands beside what "how many" asks for, and a name is no place or day."""
    if _WHO.search(question) and _NO_PERSON.search(found[0]):
        return False
    if _WHERE.search(question) and _NO_PLACE.search(found[0]):
        return False
    asked = _HOW_MANY.search(question)
    if asked is None or re.search(_MONEY_ASKED, asked["things"], re.IGNORECASE):
        return True
    if re.match(r"\s*(?:%|per ?cent)", sentence[found.end() :]) or _YEAR.fullmatch(found[0]):
        return False
    things = [term.stem for term in telling(terms(asked["things"]))]
    before, after = MEASURED if asked["much"] == "much" else COUNTED
    near = [
        *terms(sentence[: found.start()])[-before:],
        *terms(found[0]),
        *terms(sentence[found.end() :])[:after],
    ]
    return not things or any(alike(thing, one.stem) for thing in things for one in near)


def expectation(question: str) -> Expectation | None:
    """What kind of thing a question asks for, if its form tells."""
    for asked, expected in _FORMS:
        if asked.search(question):
            return expected
    return None


def _form(
    asked: str,
    *forms: str,
    sure: bool = True,
    names: bool = False,
    telling: bool = False,
) -> tuple[re.Pattern[str], Expectation]:
    form = re.compile("|".join(forms), 0 if names else re.IGNORECASE)
    return re.compile(asked, re.IGNORECASE), Expectation(form, sure, telling)


_MOMENT = (
    _DATE, _TIME, _SPAN, _ORDINAL,
    r"\b(?:before|after|during|within|upon|as soon as|end of)\b",
)  # fmt: skip

_FORMS = (
    _form(r"\be-?mail\b(?!.*\b(?:when|how)\b)", r"[\w.+-]+@[\w-]+\.[\w.]+"),
    _form(r"\b(?:tele)?phone number\b|\bcall\b.*\bnumber\b", r"\+?\d[\d ()/-]{4,}\d"),
    _form(r"\bweb ?site\b|\burl\b|\bweb address\b", r"\b(?:https?://|www\.)\S+|\b\w+\.(?:org|com|net)"),
    _form(r"\bper ?cent(?:age)?\b|\bprozent\b|\b(?:tax|interest|growth|unemployment) rate\b",
          r"\d[\d.,]*\s?(?:%|per ?cent\b|prozent\b)"),
    _form(r"\bhow often\b|\bhow frequently\b|\bwie oft\b", _OFTEN, _SPAN),
    _form(r"\b(?:what|which) (?:\w+ )?(?:date|day|month|year|week|quarter)\b", *_MOMENT),
    _form(rf"\bhow much\b(?=.*{_MONEY_ASKED})|\bhow much (?:is|are|was|were)\b|"
          r"\bwie ?viel kostet\b",
          _MONEY, r"\d\s?(?:%|per ?cent)"),
    _form(r"\bwhat (?:does|do|did|would|will)\b.*\bcosts?\b|\bhow expensive\b|"
          r"\bwhat (?:is|was|are|were) the (?:price|cost|fee|fare)s?\b", _MONEY),
    _form(rf"\b(?:what|which|was)\b.*{_MONEY_ASKED}", _MONEY, _NUMBER, sure=False),
    _form(r"\bhow long\b.*\b(?:is|are|was)\b.*\b(?:cable|cord|route|trail|bridge|tunnel|walk|rope|"
          r"hike|table|path)\b", _LENGTH, _SPAN),
    _form(r"\bhow long\b|\bhow soon\b|\bwie lang", _SPAN, _DATE, _LENGTH),
    _form(r"\bhow (?:hot|cold|warm)\b|\bwie (?:warm|heiß|kalt)\b|\btemperature\b", _WARMTH,
          telling=True),
    _form(r"\bhow heavy\b|\bhow much\b.*\bweigh|\bwie (?:schwer|viel wiegt)\b|\bweight\b", _WEIGHT,
          telling=True),
    _form(r"\bhow loud\b|\bwie laut\b", _LOUDNESS, telling=True),
    _form(r"\bhow (?:far|high|tall|deep|wide|fast|large|big|small|thick|"
          r"old)\b|\bwie (?:hoch|alt|weit|groß)\b", _MEASURE, _MONEY),
    _form(r"\bhow much\b", _NUMBER, _FRACTION),
    _form(r"\bhow many\b|\bwie viele?\b", _NUMBER),
    _form(r"\b(?:what|which|latest|earliest) (?:\w+ )?time\b|\bum wie ?viel uhr\b", _TIME),
    _form(r"\b(?:what|which|welche) colou?rs?\b|\bwelche farbe\b", _COLOUR, telling=True),
    _form(rf"{_FIRST}\bwhen\b|\bdeadline\b|\bwann\b", *_MOMENT),
    _form(r"\b(?:what|which) (?:town|city|village|country|place|street|room|building)\b", _PLACE,
          sure=False),
    _form(r"\b(?:wer|wem|wen)\b", _ADDRESSED, names=True),
    _form(_WHO.pattern, _TITLED, _NAME, names=True),
    _form(_WHERE.pattern, _PLACE, sure=False),
    _form(r"\b(?:why|warum|wieso)\b", _REASON, sure=False),
)  # fmt: skip
