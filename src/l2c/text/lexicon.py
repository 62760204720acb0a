"""The little English that telling and asking are made of: stems, concepts, and what a word names.

`concepts` reads a text as a set of ideas, so that "What is he called?" and "His name is Pim" meet
in one word. Ideas are stems, and words of one meaning share a stem. Nothing here knows a fact;
lists hold ordinary words, as a dictionary would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, product


def listed(words: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(words.split())


_IRREGULAR = dict(
    pair.split(":")
    for pair in listed(
        """
    had:have has:have having:have got:get gotten:get was:be were:be is:be are:be am:be been:be
    did:do does:do done:do went:go gone:go gave:give given:give took:take taken:take bought:buy
    taught:teach met:meet kept:keep left:leave lent:lend sold:sell wore:wear ran:run grew:grow
    grown:grow came:come ate:eat eaten:eat drank:drink drove:drive driven:drive spoke:speak
    spoken:speak wrote:write written:write rode:ride flew:fly flown:fly flies:fly slept:sleep
    woke:wake woken:wake rose:rise paid:pay cost:cost made:make lost:lose found:find built:build
    broke:break broken:break hid:hide hidden:hide stole:steal stolen:steal began:begin
    begun:begin chose:choose chosen:choose sang:sing swam:swim swum:swim knew:know
    known:know said:say told:tell doing:do children:child feet:foot teeth:tooth mice:mouse
    men:man women:woman people:person wives:wife knives:knife died:die dying:die lying:lie tied:tie
    tying:tie ties:tie shoes:shoe goes:go going:go buses:bus spent:spend stood:stand bore:bear
    born:born this:this his:his bus:bus
    brought:bring caught:catch sent:send threw:throw fell:fall heard:hear held:hold won:win
    yes:yes its:its lives:live lived:live living:live swimming:swim running:run used:use
    moving:move news:news always:always
    """
    )
)

PLAIN_PAST = frozenset(_IRREGULAR)
"""Irregular forms, which are no plain form of their verb."""

_SAME = {
    same: words[0]
    for words in (
        line.split()
        for line in """
        name call named nickname
        live reside dwell home address
        job profession occupation career employed trade
        birthday birthdate
        colour color shade painted paint
        price cost pay paid expensive fee pound euro dollar
        dislike hate loathe detest abhor
        like love enjoy adore fond favourite favorite prefer dear dearest
        height tall
        weight weigh heavy
        fear afraid scared frightened frighten scare terrified
        eat food feed meal dish
        distance far
        mother mum mom mummy
        father dad daddy
        grandmother grandma granny gran
        grandfather grandpa granddad
        bicycle bike
        flat apartment
        sofa couch
        phone mobile telephone
        doctor physician gp
        code combination pin passcode
        password passphrase
        wifi wi-fi wlan
        start begin commence
        end expire finish valid
        marry married wedding
        meet appointment
        study university
        travel journey trip destination
        own possess belong
        make maker brand manufacture manufacturer
        licence license
        rise wake awake
        learn study
        speak talk
        work workplace
        allergic allergy
        member membership
        kilometre km
        baptism baptised baptise christened
        neighbour neighbor
        child kid
        fly flight
        author writer
        boss chief manager supervisor
        movie film
        partner
        photo photograph picture
        jumper sweater
        scar
        """.strip().splitlines()
    )
    for same in words
}

_PHRASES = tuple(
    (re.compile(rf"\b(?:{phrase})\b"), concept)
    for phrase, concept in (
        (r"can( [\w' ]{1,30}?)? ?not (?:stand|bear)", "dislike"),
        (r"(?:do|does|did)( [\w' ]{1,30}?)? not (?:much )?like", "dislike"),
        (r"grow(?:s|ing)? up|grew up|spen[dt] (?:\w+ )?childhood", "growup"),
        (r"(?:was|were|been)( [\w' ]{1,30}?)? (?:raised|brought up)", "growup"),
        (r"(?:where|which \w+)( [\w' -]{1,30}?) (?:goe?s?|drives?|travels?) to work", "work"),
        (
            r"\b((?:get|go|ride|drive|walk|cycle|travel|come)(?:e?s)?|way|foot|bus|train|tram|car|bike|"
            r"metro|ferry) to (?:(?:my|his|her|our|their|the) )?(?:work|workplace|job|office)",
            "commut",
        ),
        (r"(?:mum|mom|mother|dad|father) and (?:my )?(?:mum|mom|mother|dad|father)", "parent"),
        (r"quits?|stop(?:s|ped)?(?= \w+ing)", "quit"),
        (r"home ?town", "origin"),
        (r"(?:gets?|got) up|leave (?:my )?bed|gets? out of bed", "rise"),
        (r"for a living|(?:earns?|makes?) (?:a|his|her|my|their) (?:living|money)", "job"),
        (r"(?:kind|sort) of work|line of work|works? as|worked as|employed as|working as", "job"),
        (r"what (?:do|does|did) ([\w' -]+?) do(?!\w)(?! (?:with|in|on|at|next|about|when))", "job"),
        (r"how old|years? old|years of age|what age|(?:which|how many) years", "age"),
        (r"how (?:tall|high up)", "height"),
        (r"how (?:much|many) (?:do|does|did) \w+ weigh|how heavy", "weight"),
        (r"how (?:much )?expensive|how much(?= (?:do|does|did) [\w' -]+ cost\b)", "price"),
        (r"how (?:many|often)(?: times)?|number of|count of|how large is", "many"),
        (r"(?:goes?|going|known) by|answers? to|known as|first name|christian name", "name"),
        (
            r"birthplace|place of birth|native (?:town|city|village|country)|"
            r"(?:came|come) into the world|date of birth|birth date|birth",
            "born",
        ),
        (r"(?:runs?|ran|running) out|lasts?|valid", "end"),
        (r"got married|get married|gets married", "marry"),
        (r"plan(?:s|ning)? (?:to|on|for)|intend(?:s|ing)? to|wants? to|going to|hopes? to", "plan"),
        (r"gave up|gives? up|no longer|any ?more", "ended"),
        (r"left me|leave me", "inherit"),
        (r"made (?:of|from)|material", "material"),
        (r"get into|gets into|log in(?:to)?|unlocks?|opens?", "open"),
        (r"teeth|tooth", "dentist"),
        (
            r"under whose orders|reports? to|in charge of (?:me|us)|answers? to(?= (?:at|me|us)\b)",
            "boss",
        ),
        (r"(?:closest|dearest) friend", "friend"),
        (r"read at (?:university|college)", "study"),
        (r"wake up|woke up|wakes up", "rise"),
        (
            r"from (?:which|what) (?:country|town|city|place|village)"
            r"(?=.*\bcome|.*\b(?:am|is|are)\b)",
            "origin",
        ),
        (r"where (?:am|is|are|was|were)( [\w' -]{1,30}?)? from", "origin"),
        (
            r"from where(?: (?:am|is|are|was|were|do|does))?(?= )( [\w' -]{1,30}?)"
            r"(?: come\w*| am| is| are|$)",
            "origin",
        ),
        (r"come from|comes from|came from|coming from|roots|originally from", "origin"),
        (r"free time|spare time", "hobby"),
        (r"(?<=in )may|(?<=of )may|(?<=\d )may", "month5"),
    )
)

_EMPTY = listed("""
    a an the this that these those my our mine ours i we me us you your yours he she it they him
    her them his its their be have do and or but so as of in on at to by with for from up under
    behind into onto over near beside between against about after before per than then there
    here not no who whom whose what which when where why how can could would will shall should
    may might must if whether is are was were am been please again just also too very quite
    really ever once only remind tell give say know remember recall forget forgot think mean help
    need
    people type slip escape could've sure hello hi hey ok okay life thing mind whereabouts well
    oh yes now today current currently these day moment correct please thing one ones some any
    all much many more most best last de la tell let want role way relation related away out off
    down s t d ll re ve m le first second next since until each every own get go keep use take
    find look wear put see possess hold sort kind type set side same new old-er
    """) - {"first", "second"}

COLOURS = listed("""
    red blue green yellow white black grey gray brown orange purple pink turquoise golden gold
    silver beige violet lime crimson scarlet maroon navy cream ivory olive teal lilac magenta
    khaki copper bronze tan spotted striped tabby ginger
    """)
PLACES = listed("""
    town city village place country region street spot island state county district suburb
    quarter bank room café cafe hotel restaurant building floor road hometown school
    """)
TIMES = listed("date day time year month weekday evening hour week season birthday")
MONTHS = listed("""
    january february march april may june july august september october november december
    """)
WEEKDAYS = listed("""
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays
    thursdays fridays saturdays sundays
    """)
NUMBERS = listed("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
    ninety hundred thousand million dozen once twice
    """)
MEMBERS = {
    "instrument": listed("""
    piano guitar violin viola cello flute oboe clarinet bassoon trumpet trombone horn tuba drums
    drum harp organ accordion saxophone banjo mandolin ukulele recorder lute sitar bass anglais
    harmonica double
    """),
    "colour": COLOURS,
    "month": MONTHS,
    "weekday": WEEKDAYS,
    "sport": listed("""
    football tennis swimming running skating rowing climbing cycling golf hockey rugby cricket
    basketball volleyball handball badminton judo karate boxing sailing skiing fencing squash
    surfing athletics
    """),
}
"""Kinds whose members are known: an answer to "which instrument" must be one."""

PRIVATE = listed("""
    code password combination pin key plan alarm gate wifi login hint username licence number
    appointment meeting bins spare safe locker
    """)
"""What only its owner speaks of with "the"."""

_MARK = "\N{SECTION SIGN}"
_MARKED = re.compile(rf"{_MARK}?[^\W_]+(?:['.:,/-][^\W_]+)*")
_WORD = re.compile(r"[^\W_]+(?:['’.:,/-][^\W_]+)*")


SHOUTED = 3
"""So many words in capitals alone are read as if in small letters."""


def plain(text: str) -> str:
    """The text with straight quotes, whole words for contractions and single spaces."""
    said = text.replace("\u2019", "'").replace("\u2018", "'")
    if said.isupper() and len(said.split()) >= SHOUTED:
        said = said.lower()
    for short, whole in _CONTRACTIONS:
        said = short.sub(whole, said)
    return " ".join(said.split())


_TAG = (
    r"(?:,|(?<!\bthat)(?<!\bit)) (?:innit|right|eh|correct|"
    r"(?:is|are|do|does|did|was|were|has|have|ca|wo)n't (?:it|he|she|they|i|we|you))\?$"
)
"""What is asked behind a statement only for a nod."""

_CONTRACTIONS = tuple(
    (re.compile(short, re.IGNORECASE), whole)
    for short, whole in (
        (r"\bcan'?t\b", "cannot"),
        (r"\bwon'?t\b", "will not"),
        (r"\bi'?m\b", "I am"),
        (r"\br(?= (?:u|you)\b)", "are"),
        (r"\bu\b", "you"),
        (r"\bwot\b", "what"),
        (r"\bur\b", "your"),
        (r"\b(i|you|we|they)'?ve\b", r"\1 have"),
        (r"\b(you|they)re\b", r"\1 are"),
        (r"\b(that|there|he|she|what|who|where|when|how|here)s\b", r"\1 is"),
        (r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should)nt\b", r"\1 not"),
        (
            r"\b((?:my|our) (?:wife|husband|mum|mom|dad|mother|father|sister|brother|son|daughter|"
            r"friend|boss|partner|boyfriend|girlfriend|cat|dog))s (?=(?:name|birthday|job|age|dog|"
            r"cat|car|house|number|favou?rite|phone|address|wedding)\b)",
            r"\1's ",
        ),
        (r"\b(i|you|he|she|it|we|they|that|there)'ll\b", r"\1 will"),
        (r"\b(you|we|they)'re\b", r"\1 are"),
        (r"\bname's\b|(?<=\bmy )names\b(?= \w)(?! (?:are|were)\b)", "name is"),
        (r"\bits (?=(?:the|an?|my|on|at|in|not|called|named)\b)", "it is "),
        (
            r"(?<!\bto )(?<!\bat )(?<!\bfrom )(?<!\bnear )"
            r"\b((?:my|our) \w+)'s (?=(?:an?|the|called|named|in|on|at|very|not|going|getting|"
            r"moving|expecting|\d+)\b)",
            r"\1 is ",
        ),
        (
            r"\b((?-i:[A-Z])\w+)'s (?=(?:from|an?|called|named|very|not|going|getting|\d+)\b)",
            r"\1 is ",
        ),
        (r"\b(it|that|there|he|she|what|who|where|when|how|why|here)'s\b", r"\1 is"),
        (_TAG, "."),
        (r"\b(\w+)n't\b", r"\1 not"),
        (r"\b(i|we)'d (like|love)\b", r"\1 would \2"),
    )
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What is left of a word without its endings; words of one meaning have the same.

    >>> stem("studies") == stem("studying") == stem("study")
    True
    """
    low = word.lower().removesuffix("'s").removesuffix("'")
    low = _IRREGULAR.get(low, low)
    if low in _SAME:
        return _SAME[low]
    bare = _bare(low)
    return _STEMS.get(bare, bare)


MOST_SEARCHED = 8
"""Ideas that are searched for at once."""

FEW_WAYS = 2
"""Words for one idea which are tried one by one."""


def searches(ideas: Iterable[str], most: int) -> list[str]:
    """Queries for texts with these ideas, at most so many; `sell*` is what begins with "sell".

    What can be said in many ways is left out where two other things are asked for: "sister" alone
    would find anything but her name.

    >>> searches(["sell", "oven", "price"], 6)
    ['oven* sell*', 'oven* sold*']
    """
    words = [_spellings(idea) for idea in sorted(ideas) if idea.isalpha()][:MOST_SEARCHED]
    plainly = [ways for ways in words if len(ways) <= FEW_WAYS]
    plainly = plainly if len(plainly) > 1 else words
    said = islice(product(*plainly), most) if plainly else ()
    return [" ".join(f"{word}*" for word in one) for one in said]


def _spellings(idea: str) -> tuple[str, ...]:
    """The beginnings with which an idea is spelt: "sell" and "sold", "price" and "cost"."""
    forms = (word for word, plain in _IRREGULAR.items() if plain == idea)
    return (idea, *sorted({*forms, *(word for word, one in _SAME.items() if one == idea)} - {idea}))


def _bare(low: str) -> str:
    for ending, instead, least in (
        ("ies", "y", 3), ("ied", "y", 3), ("sses", "ss", 2), ("ing", "", 3), ("ed", "", 3),
        ("es", "", 3), ("s", "", 3),
    ):  # fmt: skip
        if low.endswith(ending) and len(low) - len(ending) >= least and not low.endswith("ss"):
            low = low[: len(low) - len(ending)] + instead
            if ending in ("ing", "ed") and len(low) > 3 and low[-1] == low[-2] not in "sz":
                low = low[:-1] if low[-1] != "l" or len(low) > 5 else low
            break
    return low[:-1] if low.endswith("e") and len(low) > 3 else low


_STEMS = {_bare(word): concept for word, concept in _SAME.items()}


_EMPTY_IDEAS = frozenset(stem(word) for word in _EMPTY)


def tokens(text: str) -> list[str]:
    """The words of a text as they are written; numbers, times and codes are words too."""
    return _WORD.findall(text)


def concepts(text: str) -> list[str]:
    """The ideas of a text in their order, without the words that carry none.

    >>> concepts("Where does my brother live?") == concepts("My brother lives where?")
    True
    """
    said = plain(text).lower()
    for phrase, concept in _PHRASES:
        said = phrase.sub(rf" {_MARK}{concept} " + r"\1" * phrase.groups, said)
    found = []
    for word in _MARKED.findall(said):
        if word.startswith(_MARK):
            found.append(word.removeprefix(_MARK))
        elif word not in _EMPTY and (idea := stem(word)) not in _EMPTY_IDEAS:
            found.append(idea)
    return found
