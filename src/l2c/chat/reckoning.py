"""Ages, birthdays and years reckoned from what was told: how old she will be next year.

An age or a date of birth that was told says more than its words: how old somebody will be, in which
year and on which weekday they were born, how far off their birthday is, and who of two is older.
`reckoned` understands the whole question or says nothing; where only a year or an age is known both
results that fit it are given. The words that were told stand behind the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from l2c.chat.dates import DAYS, MONTHS, day_of, month_of
from l2c.chat.phrasing import in_words, numeral, whole
from l2c.chat.recalled import Recalled, clearer, turns_of
from l2c.chat.router import Route
from l2c.conversation import Message, Origin
from l2c.text.lexicon import concepts, plain, stem
from l2c.text.restating import restate

_WHO = r"(?P<who>I|(?:my|our|the) [\w' -]+?|[A-Z][\w-]+)"
_TWO = r"(?P<one>my [\w-]+|I|[A-Z]\w+)"
_OTHER = r"(?P<other>my [\w-]+|I|me|[A-Z]\w+)"
_LEAD = r"^(?:(?:so|and|but|ok|then|now)[ ,]+)*"
_OLD = re.compile(rf"{_LEAD}how old (?:is|are|am) {_WHO}(?: now| today)?$", re.I)
_WILL_BE = re.compile(
    rf"{_LEAD}how old (?:will|would) {_WHO} be (?P<when>next year|in (?:\w+) years?(?: time)?|"
    r"in (?:the year )?\d{4}|next time)$",
    re.IGNORECASE,
)
_WAS = re.compile(
    rf"{_LEAD}how old (?:was|were) {_WHO} (?P<when>in \d{{4}}|last year|\w+ years ago)$", re.I
)
_YEAR = re.compile(
    rf"{_LEAD}(?:in )?(?:what|which) year (?:was|were|is|are) {_WHO} born(?: in)?$", re.I
)
_BIRTHDAY = re.compile(
    rf"{_LEAD}when (?:is|are) {_WHO}(?:'s|') birthdays?$|"
    rf"{_LEAD}when is (?P<own>my) birthday$",
    re.I,
)
_WEEKDAY = re.compile(
    rf"{_LEAD}(?:on )?(?:what|which) (?:day|weekday)(?: of the week)? "
    rf"(?:was|were) {_WHO} born(?: on)?$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    rf"{_LEAD}how (?:many (?P<unit>days|weeks)|long)"
    r"(?: (?:is it|are there|are left|left|is there))?"
    rf"(?: still)? (?:un)?till? (?:{_WHO}(?:'s|') birthdays?|(?P<own>my) birthday)$",
    re.IGNORECASE,
)
_UNTIL_ANY = re.compile(
    rf"{_LEAD}how (?:many (?P<unit>days|weeks)|long)"
    r"(?: (?:is it|are there|are left|left|is there))?(?: still)? (?:un)?till? "
    r"(?P<what>(?:my|our|the) [\w' -]+)$",
    re.IGNORECASE,
)
_OLDER = re.compile(
    rf"{_LEAD}(?:who|which of them) is (?:the )?(?P<more>older|younger|eldest|oldest|youngest)"
    r"[,:]? "
    rf"{_TWO} or {_OTHER}$|{_LEAD}is {_TWO.replace('one', 'first')} "
    rf"(?P<than>older|younger) than {_OTHER.replace('other', 'second')}$",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    rf"{_LEAD}how (?:much|many years) (?P<more>older|younger) is {_TWO} than {_OTHER}$", re.I
)
_HOW_LONG = re.compile(r"\bhow (?:long|many years)\b(?! (?:is it|until|till|will))", re.IGNORECASE)
_MONTH = "|".join(MONTHS)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b", re.IGNORECASE)
_IN_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
MOST_YEARS = 150


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of when somebody was born: a year or an age, and perhaps the day.

    `youngest` and `oldest` are how old they may be today, -1 where nothing says it.
    """

    one: Recalled
    year: int | None
    month: int | None
    day: int | None
    youngest: int
    oldest: int


def reckoned(messages: Sequence[Message], known: Sequence[Recalled], today: date) -> Route | None:
    """The answer to a question that what was told says by reckoning; None to any other.

    A pronoun stands for what was spoken of just before, as in `l2c.chat.recalled`.
    """
    for asked in (messages[-1].text, *clearer(messages, known)):
        said = plain(asked).rstrip(" ?!.")
        for attempt in (_age, _year_of_birth, _birthday, _weekday_of_birth, _until, _older):
            if (found := attempt(said, known, today)) is not None:
                text, told = found
                words = " ".join(dict.fromkeys(restate(one.fact.said) for one in told))
                return Route(Origin.REMEMBERED, f"{text} {words}", remembered=turns_of(told))
    return None


def years_since(question: str, told: Sequence[Recalled], today: date) -> str:
    """How many years ago it was, behind what was told, where that is asked; else empty.

    >>> from l2c.text.facts import Fact
    >>> told = Recalled(Fact("", "live", "Bonn", "I have lived in Bonn since 2001"), None)
    >>> years_since("How long have I lived in Bonn?", [told], date(2026, 11, 22))
    ' That is about 25 years.'
    """
    if not _HOW_LONG.search(question) or not told:
        return ""
    years = [int(year) for year in _IN_YEAR.findall(told[0].fact.said)]
    if len(years) != 1 or not 0 < today.year - years[0] <= MOST_YEARS:
        return ""
    count = today.year - years[0]
    return f" That is about {count} year{'' if count == 1 else 's'}."


_Found = tuple[str, list[Recalled]]


def _age(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    """How old somebody is, by the date of birth, or will be and was, by that or the age."""
    if found := _OLD.match(said):
        born = _born(found["who"], known, today)
        if born is None or born.year is None:
            return None  # an age that was told is answered as it was told
        return f"{_label(found['who'])} {_is(found['who'])} {_either(born)}.", [born.one]
    found = _WILL_BE.match(said) or _WAS.match(said)
    born = _born(found["who"], known, today) if found else None
    years = _years_on(found["when"].lower(), today) if found else None
    if found is None or born is None or years is None or born.youngest + years < 0:
        return None
    who, later = found["who"], years > 0
    verb = "will be" if later else "were" if who.lower() == "i" else "was"
    return f"{_label(who)} {verb} {_either(born, years)}.", [born.one]


def _year_of_birth(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    found = _YEAR.match(said)
    born = _born(found["who"], known, today) if found else None
    if born is None:
        return None
    if born.year is not None:
        return f"In {born.year}.", [born.one]
    first = today.year - born.oldest
    return f"In {first - 1} or {first}.", [born.one]


def _birthday(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    found = _BIRTHDAY.match(said)
    born = _day_of("I" if found["own"] else found["who"], known, today) if found else None
    if born is None or born.month is None or born.one.fact.relation == "birthday":
        return None
    return f"On {born.day} {MONTHS[born.month - 1]}.", [born.one]


def _weekday_of_birth(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    found = _WEEKDAY.match(said)
    born = _day_of(found["who"], known, today) if found else None
    if born is None or born.year is None or born.month is None or born.day is None:
        return None
    there = day_of(born.year, born.month, born.day)
    return (f"On a {DAYS[there.weekday()]}.", [born.one]) if there else None


def _until(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    found = _UNTIL.match(said)
    born = _day_of("I" if found["own"] else found["who"], known, today) if found else None
    if found is None and (found := _UNTIL_ANY.match(said)):
        born = _dated(found["what"], known, today)
    if found is None or born is None or born.month is None or born.day is None:
        return None
    next_ones = (day_of(today.year + more, born.month, born.day) for more in range(9))
    there = next((day for day in next_ones if day is not None and day >= today), None)
    if there is None:
        return None
    days = (there - today).days
    count, unit = (days // 7, "week") if found["unit"] == "weeks" else (days, "day")
    about = "about " if unit == "week" and days % 7 else ""
    plural = "" if count == 1 else "s"
    when = f"{DAYS[there.weekday()]}, {there.day} {MONTHS[there.month - 1]}"
    return f"It is {about}{count} {unit}{plural} until {when}.", [born.one]


def _older(said: str, known: Sequence[Recalled], today: date) -> _Found | None:
    """Who of two is older, or by how many years, where their ages do not overlap."""
    found = _HOW_MUCH.match(said) or _OLDER.match(said)
    if found is None:
        return None
    names = found.groupdict()
    than = names.get("than")
    one, other = (names["first"], names["second"]) if than else (names["one"], names["other"])
    first, second = (_born("I" if who == "me" else who, known, today) for who in (one, other))
    if first is None or second is None:
        return None
    sooner = first.youngest > second.oldest
    if not sooner and second.youngest <= first.oldest:
        return None
    told = [first.one, second.one]
    older, younger = (one, other) if sooner else (other, one)
    if than:
        return ("Yes." if (than.lower() == "older") == sooner else "No."), told
    if found.re is _OLDER:
        who = younger if names["more"].lower().startswith("young") else older
        return f"{_label(who)}.", told
    years = abs(first.youngest - second.youngest)
    exact = first.youngest == first.oldest and second.youngest == second.oldest
    about, plural = "" if exact else "About ", "" if years == 1 else "s"
    return f"{about}{years} year{plural}.", told


def _born(who: str, known: Sequence[Recalled], today: date) -> _Told | None:
    """How old somebody is, by what was told of it last."""
    return next((told for told in _tellings(who, known, today) if told.youngest >= 0), None)


def _day_of(who: str, known: Sequence[Recalled], today: date) -> _Told | None:
    """On which day somebody was born, by what was told of it last."""
    return next((told for told in _tellings(who, known, today) if told.month is not None), None)


def _dated(what: str, known: Sequence[Recalled], today: date) -> _Told | None:
    """The day of something that was told of: "my exam is on 9 December"."""
    ideas = set(concepts(what))
    named = (one for one in reversed(known) if ideas and ideas <= set(concepts(one.fact.said)))
    days = (told for one in named if (told := _by_date(one, today)))
    return next((told for told in days if told.month is not None), None)


def _tellings(who: str, known: Sequence[Recalled], today: date) -> Iterator[_Told]:
    """What says when somebody was born, the newest first."""
    subjects = set(_subjects(who, known))
    for one in reversed(known):
        fact = one.fact
        named = (word for word in fact.subject.split() if " and " in fact.subject or word.istitle())
        if not subjects & {_key(fact.subject), *map(_key, named)}:
            continue
        born = fact.relation in ("born", "birthday") or fact.value.startswith("born ")
        if born and (told := _by_date(one, today)):
            yield told
        if fact.relation == "age" and (age := _number(fact.value)) is not None:
            yield _Told(one, None, None, None, age, age)


def _by_date(one: Recalled, today: date) -> _Told | None:
    said = one.fact.said
    if day_first := _DAY_FIRST.search(said):
        day, month = int(day_first[1]), month_of(day_first[2])
    elif month_first := _MONTH_FIRST.search(said):
        day, month = int(month_first[2]), month_of(month_first[1])
    else:
        day, month = None, None
    years = _IN_YEAR.findall(said)
    year = int(years[0]) if len(years) == 1 else None
    if year is None:
        return None if month is None else _Told(one, None, month, day, -1, -1)
    whole_years = today.year - year
    if month is None or day is None:
        return _Told(one, year, None, None, whole_years - 1, whole_years)
    age = whole_years - ((today.month, today.day) < (month, day))
    return _Told(one, year, month, day, age, age)


def _subjects(who: str, known: Sequence[Recalled]) -> Iterator[str]:
    """What facts about somebody may be told of: "my sister" and, once told so, "Joan"."""
    if who.lower() == "i":
        yield ""
        return
    named = re.sub(r"^(?:my|our|the) ", "", who, flags=re.IGNORECASE)
    yield _key(named)
    for fact in (one.fact for one in known):
        if fact.relation not in ("name", "person") or not fact.subject:
            continue
        if _key(fact.value) == _key(named):
            if fact.relation == "name":
                yield _key(fact.subject)
        elif _key(fact.subject) == _key(named):
            yield _key(fact.value)


def _key(subject: str) -> str:
    return " ".join(map(stem, subject.split()))


def _label(who: str) -> str:
    named = re.sub(r"^my (?=[A-Z])", "", who)
    named = "You" if named.lower() in ("i", "me") else restate(named)[:-1]
    return named[:1].upper() + named[1:]


def _is(who: str) -> str:
    several = who.lower() == "i" or who.endswith(("twins", "children", "kids"))
    return "are" if several else "is"


def _either(born: _Told, years: int = 0) -> str:
    youngest, oldest = born.youngest + years, born.oldest + years
    return str(oldest) if youngest == oldest else f"{youngest} or {oldest}"


def _years_on(when: str, today: date) -> int | None:
    """How many years from now: "next year", "in three years", "in 2030", "two years ago"."""
    if when in ("next year", "next time", "last year"):
        return -1 if when == "last year" else 1
    if year := _IN_YEAR.search(when):
        return int(year[0]) - today.year
    count = whole(when.removeprefix("in ").split(" ")[0])
    if count is None or count > MOST_YEARS:
        return None
    return -count if when.endswith("ago") else count


def _number(value: str) -> int | None:
    """The number a value begins with."""
    words = value.lower().replace("-", " ").split()
    first = numeral(words[0]) if words else None
    spoken = in_words(words) if words and first is None else None
    number = first if first is not None else spoken[0] if spoken else None
    return int(number) if number is not None and number <= MOST_YEARS else None
