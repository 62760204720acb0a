"""What time it is elsewhere, by the time zones of this machine (IANA, `zoneinfo`).

A zone is named after its best known city; other cities and countries of one zone are listed. Where
the machine has no time zones, or a place is not known, nothing is said.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from l2c.chat.phrasing import plain

_ASKED = re.compile(
    r"(?:what(?:'s|s| is)? (?:the )?(?:current |local )?time(?: is it| it is)?|how late is it|"
    r"(?:the )?time|what hour is it)"
    r"(?: (?:now|currently|right now))? in (?P<place>[a-z .-]+?)(?: (?:now|currently|right now))?"
)
_OTHERS = {
    "America/New_York": "new york city|nyc|washington|boston|miami|atlanta|philadelphia|florida",
    "America/Los_Angeles": "la|san francisco|seattle|san diego|las vegas|california|hollywood",
    "America/Chicago": "texas|houston|dallas|new orleans",
    "America/Toronto": "ottawa|quebec",
    "America/Sao_Paulo": "rio|rio de janeiro|brasilia",
    "America/Argentina/Buenos_Aires": "argentina",
    "Europe/London": "england|the uk|uk|britain|great britain|scotland|wales|manchester|leeds|"
    "liverpool|birmingham|edinburgh|glasgow|bristol|cardiff",
    "Europe/Berlin": "germany|hamburg|munich|cologne|frankfurt|bremen|leipzig",
    "Europe/Paris": "france|lyon|marseille|nice",
    "Europe/Madrid": "spain|barcelona|seville|valencia",
    "Europe/Rome": "italy|milan|naples|venice|florence|turin",
    "Europe/Warsaw": "poland|krakow|cracow|gdansk",
    "Europe/Vienna": "austria|graz|salzburg",
    "Europe/Zurich": "switzerland|geneva|bern|basel",
    "Europe/Amsterdam": "holland|the netherlands|netherlands|rotterdam|utrecht",
    "Europe/Dublin": "ireland|cork|galway",
    "Europe/Athens": "greece",
    "Europe/Lisbon": "portugal|porto",
    "Europe/Kiev": "kyiv|ukraine",
    "Asia/Tokyo": "japan|osaka|kyoto",
    "Asia/Shanghai": "china|beijing|peking",
    "Asia/Kolkata": "india|delhi|new delhi|mumbai|bombay|bangalore|chennai",
    "Asia/Seoul": "korea|south korea",
    "Asia/Dubai": "abu dhabi",
    "Asia/Ho_Chi_Minh": "vietnam|hanoi",
    "Africa/Lagos": "nigeria|abuja",
    "Africa/Accra": "ghana",
    "Africa/Nairobi": "kenya",
    "Africa/Johannesburg": "south africa|cape town",
    "Australia/Sydney": "canberra",
}


def answer(text: str, now: datetime) -> str | None:
    """The time at a place that is asked for; None for any other question, or an unknown place.

    `now` is the user's local time.
    """
    found = _ASKED.fullmatch(plain(text))
    zone = _zones().get(found["place"]) if found else None
    if found is None or zone is None:
        return None
    here = now.astimezone()
    there = here.astimezone(ZoneInfo(zone))
    days = there.date() - here.date()
    day = {timedelta(1): "tomorrow", timedelta(-1): "yesterday"}.get(days)
    when = f" {day}" if day else ""
    return f"In {_titled(found['place'])} it is {there:%H:%M}{when}."


def _titled(place: str) -> str:
    short = ("la", "uk", "nyc")
    words = (
        w.upper() if w in short else w if w in ("de", "the") else w.title() for w in place.split()
    )
    return " ".join(words)


@cache
def _zones() -> dict[str, str]:
    """Places in small letters to their zones, of those that this machine has."""
    there = available_timezones()
    cities = {
        zone.rpartition("/")[2].replace("_", " ").lower(): zone
        for zone in sorted(there)
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    }
    others = {place: zone for zone, places in _OTHERS.items() for place in places.split("|")}
    return cities | {place: zone for place, zone in others.items() if zone in there}
