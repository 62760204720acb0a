"""Given names, for texts that are typed without a capital: "my sister ella is 16".

The commoner names of many countries, without those that are words of every day as well (Will, Rose,
May, Mark): a capital put on such a word would make a name of it.
"""

from __future__ import annotations

import re

from l2c.text.lexicon import listed

GIVEN_NAMES = listed("""
    aaron abdul abigail adam adrian agnes ahmed aisha alan albert alejandro alex alexander
    alexandra ali alice alicia alina alison amanda amelia amina amir amy ana anastasia andrea
    andreas andrew andy angela anita anja ann anna anne annie anthony antonio anya arthur astrid
    audrey barbara beatrice becky ben benjamin bernard beth bilal bob boris brenda brian bridget
    bruno callum camila camilla carl carla carlos carmen caroline catherine charles charlie
    charlotte chen chloe chris christina christine claire clara claudia colin connor craig
    cynthia dan daniel daniela danny dave david deborah denise dennis derek diana diego dimitri
    dmitri dominic donna doris dorothy duncan dylan ed eddie edith edward edwin eileen elaine
    elena eli elias elizabeth ella ellen ellie elliot elsa emil emilia emily emma eric erik
    erika erin ernest esther ethan eva evan evelyn fatima felix finn fiona florian frances francesca
    francesco francis fred freddie frederick gareth gavin geoffrey george gerald gina giulia
    gordon grazyna greg gregory hamza hana hannah hans harold harriet harry haruto hassan
    heather helen helena henrik henry hiroshi howard hugh ian ibrahim ida igor imran ines ingrid
    irene isaac isabel isabella isla ivan jacob jake jakob james jamie jan jane janet janice
    jason javier jeff jeffrey jennifer jenny jeremy jessica jim jimmy joan joanna joanne joe
    joel johan johanna john johnny jonas jonathan jorge jose josef joseph josh joshua juan
    judith judy julia julian julie kai karen karin karl kate katharina katherine kathleen
    kathryn katie kayla keith kelly ken kenneth kev kevin khalid kim kiran kirsten klaus kyle lara
    larry laura lauren lea leah lee leila lena leo leon leonard leonie lewis liam linda lisa liz
    lorenzo lorraine louis louise lucas lucia lucy luis luka lukas luke luna lydia lynn madison
    magda maja malcolm manuel marc marco marcus margaret maria marian marie mario marion marta
    martha martin martina mary mateo matilda matt matteo matthew max megan mehmet mei melanie
    melissa mia michael michelle miguel mike mila milan mohamed mohammed moira molly monica
    muhammad nadia nancy naomi natalia natalie natasha nathan neil nicholas nicola nicole nigel
    niklas nina noah nora norman noor oleg olga oliver ollie olivia omar oscar otto owen pablo
    pamela patricia patrick paul paula pauline pavel pedro peggy penelope peter petra phil philip
    philippa phoebe pierre piotr priya rachel rafael raj ralph raymond rebecca rhys ricardo
    richard rita robert roberta roger roland ronald rosemary rosie roxanne ruth ryan sabine sally
    sam samantha samir samuel sandra sanjay sara sarah sebastian sergei shannon sharon sheila
    shirley simon simone sofia sonia sophia sophie stefan stella stephanie stephen steve steven
    stuart sunita susan susanne suzanne sven sylvia tamara tanya tara tatiana ted teresa thea
    theo theresa thomas tim timothy tina tobias toby tom tomas tommy tony tracy trevor tyler
    ulrike ursula valentina vanessa vera veronica victor victoria viktor vincent vivian vladimir
    walter wendy wilhelm william yasmin yuki yusuf yvonne zainab zara zoe
    """)
_WORD = re.compile(r"(?<![\w'])[a-zà-ÿ]+(?=(?:'s)?(?![\w']))")


def with_capitals(text: str) -> str:
    """The text with a capital on every given name.

    >>> with_capitals("my sister ella is 16")
    'my sister Ella is 16'
    """
    return _WORD.sub(lambda word: word[0].title() if word[0] in GIVEN_NAMES else word[0], text)
