"""What kind of thing a question asks for, so that a sentence without one is no answer to it.

"How long …" wants a span of time or a length, "how much does … cost" an amount of money, "who" a
name. Where the form is sure (numbers, times, addresses) a sentence without it is held back; where
it is a guess (who, where, why) one with it is only preferred.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from l2c.retrieval.terms import alike, stem, telling, terms

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
    r"eur\b|dollars?\b|usd\b|pounds?\b|gbp\b|francs?\b|chf\b|cents?\b|pence\b|"
    r"crowns?\b|kron(?:er|or|en|a|e)\b|kr\b|yen\b)|"
    rf"\b(?:{_WORDS_FOR_NUMBERS}|ein(?:en)?)\s(?:euros?|dollars?|pounds?|francs?|cents?|pence|"
    r"crowns?|coins?)\b|\b\d+\scoins?\b|"
    r"\b\d+[.,]\d\d\b(?![.:]\d)|\bfree\b|\bno (?:charge|fee|cost)\b|\bincluded\b|\bkostenlos\b"
)
_SPAN = (
    rf"(?:{_NUMBER})(?:[\s-]+\w+)?[\s-]+(?:seconds?|minutes?|hours?|days?|nights?|weeks?|fortnights?|"
    r"months?|quarters?|years?|decades?|lifetime|sekunden?|minuten?|stunden?|tage?n?|wochen?|"
    r"monate?n?|jahre?n?)\b|\b(?:until|lifetime|unlimited|"
    r"(?:for|takes?|took|lasts?|lasted|within|in|about|than|after|nearly|almost) an? "
    r"(?:hour|day|week|month|quarter|year))\b"
)
_DATE = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|"
    r"dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|"
    r"donnerstag|freitag|samstag|sonntag|spring|summer|autumn|winter|easter|christmas)s?\b|"
    r"\b(?:1[0-9]|20)\d\d\b|\b\d{1,2}[./]\d{1,2}(?:[./]\d{2,4}\b|\.(?!\d))|\b\d{1,2}/\d{1,2}\b|"
    r"\b\d{4}-\d\d-\d\d\b"
)
_TIME = (
    r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|o.clock|uhr)\b|\bnoon\b|\bmidnight\b|"
    r"\bsunset\b|\bsunrise\b|\bdawn\b|\bdusk\b|\b(?:half past|quarter (?:past|to)|halb)\s\w+|"
    rf"\b(?:at|from|by|till|until|after|before)\s(?:{_WORDS_FOR_NUMBERS}|\d{{1,2}})"
    r"(?=\s*(?:$|[.,;!](?!\d)|in the|on|to|till|until|and))|"
    rf"\b(?:von|um|ab|gegen)\s(?:{_WORDS_FOR_NUMBERS}|\d{{1,2}})(?=\s(?:bis|uhr))"
)
_OFTEN = (
    r"\bevery\b|\beach\b|\b(?:dai|week|month|quarter|year|annual|hour|bienni)\w*ly\b|\bannual\w*\b|"
    r"\b(?:ein|zwei|drei|vier)mal\b|\bdaily\b|\bonce\b|\btwice\b|\btimes\b|\bper\b|\balways\b|\bnever\b|\bjede|\btäglich|"
    r"\bwöchentlich|\bmonatlich|\bjährlich"
)
_LENGTH = (
    rf"(?:{_NUMBER})\s?(?:mm|cm|km|m|met(?:re|er)s?|metern|feet|ft|foot|"
    r"inch(?:es)?|in|miles?|yards?)\b"
)
_SIDE = (
    r"\d[\d.,]*\s?(?:centi|zenti|milli)met(?:re|er)s?\b|"
    r"\d[\d.,]*\s?(?:\w+\s)?(?:high|tall|deep|wide|thick|broad|hoch|tief|breit|dick)\b"
)
_SPEED = r"\d[\d.,]*\s?(?:km/h|mph|kmh|knots?|knoten|rpm|m/s|(?:kilomet\w+|miles?) (?:an|per) hour)"
_MEASURE = (
    rf"(?:{_NUMBER})(?:\s\w+)?[\s-]?(?:mm|cm|m|km|m2|m²|ha|l|ml|g|kg|t|db|rpm|w|kw|wh|kwh|v|a|ah|nm|gb|mb|tb|bar|"
    r"°c|°f|°|k|square|cubic|metres?|meters?|centimetres?|centimeters?|millimetres?|kilometres?|"
    r"kilometers?|feet|foot|inch(?:es)?|miles?|acres?|hectares?|lit(?:re|er)s?|grams?|kilograms?|"
    r"kilos?|tonnes?|tons?|pounds?|degrees?|decibels?|volts?|watts?|per ?cent|years?|months?|days?|"
    r"minutes?|hours?|people|persons|seats|rooms)\b|\d[\d.,]*\s?%"
)
_AGE = (
    rf"(?:{_NUMBER})[\s-]+(?:years?|months?|weeks?|jahre?n?|monate?n?)\b|"
    rf"\b(?:aged?|over|under|above|below|least|mindestens)\s+(?:{_NUMBER})|"
    r"\b(?:built|founded|opened|established|born|dat(?:es|ing)|since|erbaut|gegründet|seit)\b.*?"
    r"\b(?:1\d|20)\d\d\b"
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

_ROLE = (
    r"\b(?:all|every|each|any|the|by)\s+(?:\w+\s+)?(?:members?|child(?:ren)?|juniors?|adults?|parents?|"
    r"residents?|visitors?|guests?|players?|patients?|customers?|users?|drivers?|holders?|buyers?|"
    r"sellers?|employees?|students?|pupils?|women|men|tenants?|landlords?|"
    r"owners?|treasurer|secretary|captain|president|chair(?:man|woman)?|director|manager|"
    r"teachers?|nurses?|doctors?|clerk|guide|officer|caretaker|person)\b|"
    r"\b(?:by|from) (?:the |our |your )?(?:council|committee|board|company|police|office|us|you)\b|"
    r"\b(?:every(?:body|one)|any(?:body|one)|no ?body|whoever|ours|yours)\b"
)
"""Whom a text names by what they are: all juniors, the treasurer, us."""

_PLACE = (
    r"\b(?:in|at|on|near|behind|under|above|beside|next to|opposite|inside|outside|from|to|with|"
    r"auf|bei|im|hinter|unter|neben)\s+(?:the\s+|a\s+|an\s+)?(?!\d)\w+|[~/][\w.-]+/"
)
_SPOON = (
    r"\b(?:an?|one) (?:\w+ )?(?:tea ?spoon|table ?spoon|cup|glass|pinch|handful|lit(?:re|er)|pint)"
)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mai|Okt|Dez"
_STREET = (
    rf"\b\d{{1,4}}[a-z]?\s+(?!{_MONTHS})[A-Z]\w+(?:\s[A-Z]\w+)*|[\w.-]+@[\w-]+\.\w+|https?://\S+|"
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-ZÄÖÜ]\w+(?:stra(?:ss|ß)e|weg|platz|gasse|allee|\s"
    r"(?:Street|Road|Lane|Square|Avenue|Drive|Close|Hill|Way))\b"
)
_ALLOWED = (
    r"\b(?:not|no|never|only|may|must|can|cannot|\w+n.t|allow\w*|permit\w*|forbid\w*|prohibit\w*|welcome|free|"
    r"possible|required?|needs?|ruins?|if|unless|without|nicht|keine?\w*|darf|dürfen|erlaubt|verboten)\b"
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
_NUMBER_OF = r"number of(?!\s+(?:the|an?|my|your|our|this)\b)"
_HOW_MANY = re.compile(
    rf"\b(?:how (?P<much>much|many)|wie viele?|{_NUMBER_OF})\s+"
    rf"(?P<things>(?:(?!(?:{_VERBS})\b)\w+\s*){{1,3}})",
    re.IGNORECASE,
)
"""What is counted or measured: the words up to the verb."""

_AMOUNT = r"(?<![\w.])(?!(?:1[5-9]|20)\d\d\b)\d[\d.,]*(?![.:]?\d)"
"""A number that is no year."""

_FRACTION = r"\b(?:third|quarter|half|all|everything|nothing)\b"
_SHARED = (
    r"\b(?:interest|tax|taxes|discounts?|growth|rates?|share|rises?|rose|increase\w*|grow|grew|fell|"
    r"fall|drop\w*|reduc\w*|refund\w*|pay|paid|deposit|book(?:ing)?|deduct\w*|"
    r"cancel\w*|late|salary|wages?|margin|tip|rebate|contribut\w*)\b"
)
"""Of what a share can be meant as well as a sum."""

_ORDINAL = (
    r"\b(?:on|by) the \w+ of (?:each|every|the) month\b|"
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
_WHEN_ONCE = re.compile(r"\bwhen (?:was|were|did|has|have)\b|\bwann (?:war|wurde)", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:every|each|always|usually|jede\w*|immer)\b", re.IGNORECASE)
"""What happens again and again is not what happened once."""

_UNIT = re.compile(
    r"\s?(?:[€$£¥%°]|(?:euros?|dollars?|pounds?|kron\w+|francs?|per ?cent|[ap]m|a\.m|p\.m|uhr|"
    r"o.clock|[mck]?m|[mk]?g|litres?|liters?|k?wh?|rpm|nm|bar|db|years?|months?|weeks?|days?|hours?|"
    r"minutes?|seconds?|jahre?n?|monate?n?|wochen?|tage?n?|stunden?|minuten?|january|february|march|"
    r"april|(?-i:May)|june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[€$£¥]\s?$")
"""What is measured in a unit counts nothing else: "£24 a household" is no number of households."""

_STORED = re.compile(r"\d\s?(?:[kmgt]i?b|(?:\w+)?bytes?)\b", re.IGNORECASE)
_JOINING = ("when", "whenever", "once", "if", "before", "after", "during", "until", "wenn", "bis")
"""What joins a question joins its answer as well: "when do …" and "when the lining is thin"."""

_OTHERWISE = re.compile(r"\b(?:when|where|who|why|wann|wo|wer|warum)\b", re.IGNORECASE)
"""A question that asks for something else than the number it mentions."""

_MORE = re.compile(
    r"(?:extra|more|less|longer|additional|mehr|weniger|zusätzlich)\b", re.IGNORECASE
)
"""More of what it costs or lasts, which need not stand beside its number."""

_OF_THEM = re.compile(r"\s+(?:of (?:them|us|you|these|those)|von (?:ihnen|uns))\b", re.IGNORECASE)
"""What is counted was named before: "nine of us"."""

_APIECE = re.compile(r"\s+\w+\s+(?:per|for each|for every|je|pro)\s", re.IGNORECASE)
"""What everybody has is no number of them: "one bag per person"."""

COUNTED, MEASURED = (2, 3), (3, 4)
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

    def places(self, sentence: str, question: str) -> Iterator[tuple[int, int]]:
        """Where a sentence has something of this form that the question has not said already."""
        said = Counter(found[0].casefold() for found in self.form.finditer(question))
        for word in _JOINING:
            del said[word]
        for found in self.form.finditer(sentence):
            repeated = said[found[0].casefold()] > 0
            said[found[0].casefold()] -= 1
            if not repeated and _counts(found, sentence, question):
                yield found.span()


def _counts(found: re.Match[str], sentence: str, question: str) -> bool:
    """Whether a number stands beside what "how many" asks for, and a name is no place or day."""
    if _WHO.search(question) and _NO_PERSON.search(found[0]):
        return False
    if _WHERE.search(question) and _NO_PLACE.search(found[0]):
        return False
    if _WHEN_ONCE.search(question) and _AGAIN.search(sentence):
        return False
    asked = _HOW_MANY.search(question)
    if asked is None or re.search(_MONEY_ASKED, asked["things"], re.IGNORECASE):
        return True
    if _OTHERWISE.search(question[: asked.start()]) or _MORE.match(asked["things"]):
        return True
    if _OF_THEM.match(sentence, found.end()):
        return True
    if _STORED.search(found[0]):
        return True
    if re.match(r"\s*(?:%|per ?cent)", sentence[found.end() :]) or _YEAR.fullmatch(found[0]):
        return False
    if asked["much"] != "much" and _APIECE.match(sentence, found.end()):
        return False
    things = [term.stem for term in telling(terms(asked["things"]))]
    unit = _UNIT.match(sentence, found.end()) or _SIGN.search(sentence[: found.start()])
    if (
        asked["much"] != "much"
        and unit
        and not any(alike(one, stem(unit[0].strip().casefold())) for one in things)
    ):
        return False
    before, after = MEASURED if asked["much"] == "much" else COUNTED
    near = [
        *terms(sentence[: found.start()])[-before:],
        *terms(found[0]),
        *terms(sentence[found.end() :])[:after],
    ]
    return not things or any(alike(thing, one.stem) for thing in things for one in near)


def counts(question: str) -> bool:
    """Whether a question asks how many there are of something."""
    asked = _HOW_MANY.search(question)
    return asked is not None and asked["much"] != "much"


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
    r"\b(?:before|during|within|upon|as soon as|end of|when|whenever|once|if|wenn|sobald|bis)\b",
    r"(?<!look )(?<!looks )(?<!looked )(?<!looking )(?<!named )\bafter\b",
)  # fmt: skip

_CONDITION = (
    r"\b(?:if|when|whoever|who|anyone|anybody|in case|otherwise|unless|must|later|wenn|wer|wird|"
    r"falls|bei|sonst|muss)\b"
)
"""What is said of a case: under an `if`, or of whomever it befalls."""

_FORMS = (
    _form(r"\be-?mail\b(?!.*\b(?:when|how)\b)", r"[\w.+-]+@[\w-]+\.[\w.]+"),
    _form(r"\bphone number\b|\b(?:telephone|telefon)(?:nummer)?\b|\bcall\b.*\bnumber\b|"
          r"\bnumber\b.*\b(?:call|ring|dial|phone)\b|\bwhom? (?:do|should|can|must|shall) (?:i|we) "
          r"(?:call|ring|phone)\b|\b(?:welche|unter)\b.*\bnummer\b",
          r"\+?\d[\d ()/-]{4,}\d", r"\b(?:ring|call|dial|phone)\s+\d{3}\b"),
    _form(r"^(?!.*\b(?:web|ip|mail)).*\b(?:address|adresse|anschrift)\b", _STREET, names=True),
    _form(r"\bweb ?site\b|\burl\b|\bweb address\b", r"\b(?:https?://|www\.)\S+|\b\w+\.(?:org|com|net)"),
    _form(r"\bper ?cent(?:age)?\b|\bprozent\b|\b(?:tax|interest|growth|unemployment) rate\b",
          r"\d[\d.,]*\s?(?:%|per ?cent\b|prozent\b)"),
    _form(r"^\W*(?:(?:and|so|but|und) )?(?:what (?:happens|if\b|about)|"
          r"was (?:passiert|geschieht|ist,? wenn))",
          _CONDITION, sure=False),
    _form(r"\bhow often\b|\bhow frequently\b|\bwie oft\b", _OFTEN, _SPAN),
    _form(r"\b(?:what|which) year\b|\bwelche[mns]? jahr\b", r"\b(?:1\d|20)\d\d\b"),
    _form(r"\b(?:what|which) (?:\w+ )?(?:date|day|month|year|week|quarter)\b", *_MOMENT),
    _form(rf"\bhow much\b(?=.*{_SHARED})", _MONEY, r"\d\s?(?:%|per ?cent)", _FRACTION),
    _form(rf"\bhow much\b(?=.*{_MONEY_ASKED})|\bhow much (?:is|are|was|were)\b|"
          r"\b(?:wie ?viel|was) kostet\b",
          _MONEY),
    _form(r"\bwhat (?:does|do|did|would|will)\b.*\bcosts?\b|\bhow expensive\b|"
          r"\bwhat (?:is|was|are|were) the (?:price|cost|fee|fare)s?\b", _MONEY),
    _form(rf"\b(?:what|which|was)\b.*{_MONEY_ASKED}", _MONEY, _AMOUNT, sure=False),
    _form(r"\bhow long\b.*\b(?:is|are|was)\b.*\b(?:cable|cord|route|trail|bridge|tunnel|walk|rope|"
          r"hike|table|path)\b", _LENGTH, _SPAN),
    _form(r"\bhow long\b|\bhow soon\b|\bwie lang", _SPAN, _LENGTH,
          r"\bfrom\b.*\b(?:to|until|till)\b|\bvon\b.*\bbis\b"),
    _form(r"\bhow (?:hot|cold|warm)\b|\bwie (?:warm|heiß|kalt)\b|\btemperature\b", _WARMTH,
          telling=True),
    _form(r"\bhow heavy\b|\bhow much\b.*\bweigh|\bwie (?:schwer|viel wiegt)\b|\bweight\b", _WEIGHT,
          telling=True),
    _form(r"\bhow loud\b|\bwie laut\b", _LOUDNESS, telling=True),
    _form(r"\bhow old\b|\bwie alt\b|\b(?:what|which) age\b", _AGE),
    _form(r"\bwhat (?:is|are|was) the (?:\w+ )?(?:capacity|size|area|length|height|width|depth|"
          r"speed|pressure|torque|volume|range|distance|diameter|thickness)\b|"
          r"\b(?:what|which) (?:pressure|torque|speed|size)\b",
          _MEASURE, _NUMBER),
    _form(r"\bhow (?:far|tall|deep|wide|thick)\b|\bwie (?:weit|tief|breit|dick)\b",
          _LENGTH, _SPAN, _SIDE),
    _form(r"\bhow high\b|\bwie hoch\b", _LENGTH, _SIDE, _MONEY, _WARMTH, _LOUDNESS,
          r"\d\s?(?:%|per ?cent|prozent)"),
    _form(r"\bhow fast\b|\bwie schnell\b", _SPEED, _SPAN),
    _form(r"\bhow (?:large|big|small)\b|\bwie (?:groß|klein)\b", _MEASURE, _MONEY,
          rf"\b(?:of|von|aus)\s(?:{_NUMBER})",
          rf"(?:{_NUMBER})\s(?:\w+\s)?(?:members?|employees?|mitglieder)\b"),
    _form(r"\bhow much\b.*\b(?:space|memory|storage|ram)\b", _STORED.pattern),
    _form(r"\bhow much\b", _NUMBER, _FRACTION, _SPOON),
    _form(rf"\bhow many\b|\bwie viele?\b|^\W*(?:what is the )?{_NUMBER_OF}", _NUMBER),
    _form(r"\b(?:what|which|latest|earliest) (?:\w+ )?time\b|\bum wie ?viel uhr\b", _TIME),
    _form(r"\b(?:what|which|welche) colou?rs?\b|\bwelche farbe\b", _COLOUR, telling=True),
    _form(r"\b(?:opening|business|office|what are .*) (?:hours|times)\b|\böffnungszeiten\b", _TIME),
    _form(rf"{_FIRST}\bwhen\b|\bdeadline\b|\bwann\b", *_MOMENT),
    _form(r"\b(?:what|which) (?:town|city|village|country|place|street|room|building)\b", _PLACE,
          sure=False),
    _form(r"\b(?:wer|wem|wen)\b", _ADDRESSED, names=True),
    _form(_WHO.pattern, _TITLED, _NAME, _ROLE, names=True),
    _form(_WHERE.pattern, _PLACE, sure=False),
    _form(r"\b(?:what|which) (?:company|firm|hotel|restaurant|teacher|doctor|airline|bank|person|"
          r"library|club)\b|\bcalled\W*$|\bwhat is the name\b|\bwie heißt\b",
          _TITLED, _NAME, sure=False, names=True),
    _form(r"^\W*(?:can|may|could|am|are|darf|dürfen|kann|können) (?:i|we|you|one|ich|wir|man)\b",
          _ALLOWED, sure=False),
    _form(r"\b(?:why|warum|wieso)\b", _REASON, sure=False),
)  # fmt: skip
