"""What was told, said in other words that mean the same: bike for bicycle, store for keep.

Whoever asks does not use the words it was told in. So the questions of a fact are made of these
too (`l2c.text.questioning`). Forms of a verb stand for one another one by one: keeps and stores,
kept and stored. The words are ordinary ones, and only such as fit where the others stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from l2c.text.predicates import Fact

MOST = 8
"""Other ways of saying one thing, at most."""

_SAME = """
bicycle bike
flat apartment
phone telephone mobile
mother mum
father dad
grandmother grandma granny
grandfather grandpa
film movie
holiday vacation
doctor physician
sofa couch
jumper sweater
autumn fall
keep:keeps:kept store:stores:stored put:puts:put have:has:had
park:parks:parked leave:leaves:left put:puts:put
own:owns:owned have:has:had have_got:has_got:had
have:has:had own:owns:owned
hate:hates:hated dislike:dislikes:disliked detest:detests:detested
love:loves:loved like:likes:liked enjoy:enjoys:enjoyed
like_to:likes_to love_to:loves_to
get_up:gets_up:got_up wake_up:wakes_up:woke_up rise:rises:rose
live_in:lives_in:lived_in reside_in:resides_in:resided_in am_living_in:is_living_in
come_from:comes_from:came_from am_from:is_from originate_from:originates_from
grew_up_in spent_my_childhood_in was_raised_in
work_as:works_as earn_money_as:earns_money_as
study:studies:studied learn:learns:learned
learn:learns:learned study:studies:studied
speak:speaks:spoke talk:talks:talked
buy:buys:bought get:gets:got
inherited got
lent gave
borrowed got
share:shares:shared have:has:had
drive:drives:drove have:has:had
end:ends:ended run_out:runs_out:ran_out expire:expires:expired finish:finishes:finished
start:starts:started begin:begins:began
takes_place is
got_married married
is_married_to married
afraid_of scared_of frightened_of
is_afraid_of fears
fond_of keen_on
plan_to want_to am_going_to intend_to will
want_to plan_to am_going_to hope_to
am_going_to plan_to want_to will
are_going_to plan_to want_to will
will am_going_to plan_to
visit see
meet:meets:met see:sees:saw
play:plays:played practise:practises:practised
eat:eats:ate have:has:had
drink:drinks:drank have:has:had
cook:cooks:cooked make:makes:made
bake:bakes:baked make:makes:made
hide:hides:hid keep:keeps:kept
cost:costs come_to:comes_to
repaired fixed mended
painted coloured
built made
"""


def reworded(fact: Fact) -> list[Fact]:
    """The fact in other words, the nearest first; as it was told it is not among them.

    >>> [one.said for one in reworded(Fact("", "keep", "chalk", "I keep chalk"))]
    ['I store chalk', 'I put chalk', 'I have chalk']
    """
    found = dict.fromkeys(_reworded(fact))
    return [one for one in found if one.said != fact.said][:MOST]


def _reworded(fact: Fact) -> Iterator[Fact]:
    for pattern, others in _GROUPS:
        if not pattern.search(fact.said):
            continue
        for other in others:
            said, value = pattern.sub(other, fact.said, count=1), pattern.sub(other, fact.value)
            words = value.split(" ")
            rests = (" ".join(words[at:]) for at in range(len(words)))
            value = next((rest for rest in rests if rest in said), value)
            yield replace(fact, subject=pattern.sub(other, fact.subject), value=value, said=said)


def _groups() -> Iterator[tuple[re.Pattern[str], tuple[str, ...]]]:
    """Each form of the first of a group, and what the others are in that form."""
    for line in _SAME.strip().splitlines():
        first, *others = (one.replace("_", " ").split(":") for one in line.split())
        for at, form in enumerate(first):
            same = tuple(one[at] for one in others if at < len(one))
            yield re.compile(rf"(?<![\w-]){re.escape(form)}(?![\w-])"), same


_GROUPS = tuple(_groups())
