"""How people ask for what can be said of anything: a name, an age, a place, a day.

By relation (`l2c.text.facts`), each question in the four shapes of `l2c.text.questioning.Core`.
What stands in braces is the subject: `np` with its article, `nps` in the genitive, `head` its noun,
`be` in its number; of a favourite, `owns` is whose it is and `owner` who has it.
"""

from __future__ import annotations

Shapes = tuple[tuple[str, ...], ...]
"""Questions, each as direct, embedded, as a noun and in place; what is left out does not exist."""

OF_THING: dict[str, Shapes] = {
    "name": (
        ("what is {np} called", "what {np} is called", "the name of {np}"),
        ("what is {nps} name", "what {nps} name is", "{nps} name"),
        ("who is {np}", "who {np} is", ""),
        ("how is {np} called", "which name {np} has", ""),
        ("which name does {np} have", "what the name of {np} is", "", "{np} is called what"),
        ("by what name do I know {np}", "what name {np} goes by", "", "{nps} name is what"),
        ("what do I call {np}", "what I call {np}", ""),
        ("what is {np} named", "what {np} is named", ""),
        ("what name did I give {np}", "which name I gave {np}", ""),
        ("what do we call {np}", "how {np} is called", ""),
        ("what name does {np} go by", "what name {np} has", "", "{np} goes by what name"),
    ),
    "age": (
        ("how old is {np}", "how old {np} is", "the age of {np}"),
        ("what is {nps} age", "what age {np} is", "{nps} age"),
        ("how many years old is {np}", "how many years old {np} is", ""),
        ("what age is {np}", "what {nps} age is", "", "{np} is how old"),
        ("how many years has {np} lived", "how many years {np} has lived", ""),
    ),
    "job": (
        ("what is {nps} job", "what {nps} job is", "the job of {np}"),
        ("what does {np} do for a living", "what {np} does for a living", "{nps} profession"),
        ("what does {np} work as", "what {np} works as", ""),
        ("how does {np} earn money", "which job {np} has", ""),
        ("what does {np} do", "what {np} does", "{nps} work", "{np} does what for a living"),
        ("which job does {np} have", "what job {np} does", "{nps} occupation"),
        ("what is {np} by profession", "what {np} is by profession", "the profession of {np}"),
        ("what kind of work does {np} do", "what work {np} does", ""),
        ("what job does {np} do", "how {np} earns a living", "", "{np} works as what"),
    ),
    "live": (
        ("where does {np} live", "where {np} lives", "the home of {np}"),
        ("which place does {np} live in", "which place {np} lives in", "", "{np} lives where"),
        ("what town does {np} live in", "in which town {np} lives", "the town of {np}"),
        ("in which country does {np} live", "what city {np} lives in", "{nps} address"),
        ("where is {np} at home", "where {np} is at home", ""),
        ("in which town does {np} live", "what town {np} lives in", ""),
        ("which city does {np} live in", "in what city {np} lives", "the city of {np}"),
        ("where is {nps} home", "where {nps} home is", "{nps} home", "{np} is at home where"),
        ("where would I visit {np}", "where I would visit {np}", ""),
        ("in which village does {np} live", "where {np} is living", "{nps} town"),
    ),
    "birthday": (
        ("when is {nps} birthday", "when {nps} birthday is", "the birthday of {np}"),
        ("when was {np} born", "when {np} was born", "{nps} birthday"),
        ("on which day is {nps} birthday", "what day {nps} birthday is", ""),
        (
            "what date is {nps} birthday",
            "on what date {nps} birthday is",
            "the date of {nps} birthday",
        ),
        ("on what date was {np} born", "which day {np} was born", "", "{nps} birthday is when"),
        ("when does {np} celebrate a birthday", "when {np} celebrates", ""),
    ),
    "colour": (
        ("what colour is {np}", "what colour {np} is", "the colour of {np}"),
        ("which colour does {np} have", "which colour {np} has", "{nps} colour"),
        ("in which colour is {np}", "in what colour {np} is", "", "{np} has which colour"),
        ("what colour does {np} have", "what colour {np} has", "", "{np} is which colour"),
        ("what colour did I paint {np}", "how {np} is painted", ""),
    ),
    "place": (
        ("where {be} {np}", "where {np} {be}", "the place of {np}", "{np} {be} where"),
        ("where can I find {np}", "where I can find {np}", ""),
        ("in which place {be} {np}", "which place {np} {be} in", "", "{np} {be} in which place"),
        ("what town {be} {np} in", "in which town {np} {be}", "the town of {np}"),
        ("where do I look for {np}", "where to look for {np}", ""),
        ("where would I see {np}", "where I would see {np}", "the whereabouts of {np}"),
        ("where did I put {np}", "where I put {np}", "", "{np} can be found where"),
        ("where do I keep {np}", "where I keep {np}", ""),
        ("where can {np} be found", "where {np} can be found", ""),
        ("in what spot {be} {np}", "in what spot {np} {be}", "the spot of {np}"),
        ("what place {be} {np} in", "in which village {np} {be}", ""),
    ),
    "time": (
        ("when {be} {np}", "when {np} {be}", "the date of {np}"),
        ("on which day {be} {np}", "on which day {np} {be}", "the day of {np}"),
        ("what date {be} {np}", "what date {np} {be}", "{nps} date", "{np} {be} when"),
        ("at what time {be} {np}", "what time {np} {be}", "", "{np} {be} on which day"),
        ("when do I have {np}", "when I have {np}", ""),
        ("what day {be} {np}", "what day {np} {be} on", "the time of {np}"),
        ("when will {np} be", "when {np} will be", ""),
        ("when does {np} take place", "when {np} takes place", ""),
        ("in which month {be} {np}", "which month {np} {be} in", ""),
        ("when do I go to {np}", "which day {np} {be}", ""),
    ),
    "number": (
        ("what is {np}", "what {np} is", "{np}"),
        ("which number is {np}", "what number {np} is", "the number of {np}"),
        ("how much is {np}", "how much {np} is", "", "{np} is what"),
        ("what number does {np} have", "which number {np} has", "", "{np} has which number"),
        ("how high is {np}", "how high {np} is", ""),
        ("what {bare} do I have", "what {bare} I have", ""),
        ("which {bare} is mine", "which {bare} is mine", ""),
    ),
    "of owner": (
        ("what is the {thing} of {np}", "what the {thing} of {np} is", "the {thing} of {np}"),
        ("what is the {thing} for {np}", "what the {thing} for {np} is", "the {thing} for {np}"),
        ("which {thing} does {np} have", "which {thing} {np} has", ""),
        ("which {thing} do I need for {np}", "which {thing} I need for {np}", "{nps} {thing}"),
    ),
    "kind": (
        ("what is {np}", "what {np} is", "the kind of {np}"),
        ("what kind of {head} is {np}", "what kind of {head} {np} is", ""),
        ("what sort of {head} do I have", "what sort of {head} I have", ""),
        ("which {head} do I have", "which {head} I have", ""),
        ("what type of {head} is {np}", "what type of {head} {np} is", ""),
        ("what {head} do I have", "what {head} I have", "", "{np} is what kind of {head}"),
    ),
    "like": (
        ("what does {np} like", "what {np} likes", ""),
        ("what does {np} love", "what {np} loves", ""),
        ("what is {np} fond of", "what {np} enjoys", ""),
        ("what does {np} enjoy", "what {np} likes most", ""),
        ("what does {np} like best", "what makes {np} happy", "", "{np} likes what"),
        ("of what is {np} fond", "of what {np} is fond", "", "{np} is fond of what"),
    ),
    "dislike": (
        ("what does {np} hate", "what {np} hates", ""),
        ("what does {np} not like", "what {np} does not like", ""),
        ("what can {np} not stand", "what {np} cannot stand", ""),
        ("what does {np} dislike", "what {np} dislikes", "", "{np} hates what"),
        ("what is it that {np} hates", "what it is that {np} hates", ""),
    ),
    "is": (
        ("what {be} {np}", "what {np} {be}", "{np}"),
        ("which one is {np}", "which one {np} is", "", "{np} {be} what"),
        ("what do I have as {bare}", "what I have as {bare}", ""),
    ),
    "favourite": (
        (
            "what is {owns} favourite {head}",
            "what {owns} favourite {head} is",
            "{owns} favourite {head}",
        ),
        (
            "which {head} {do} {owner} like most",
            "which {head} {owner} {likes} most",
            "",
            "{owns} favourite {head} is what",
        ),
        (
            "what {head} {do} {owner} prefer",
            "what {head} {owner} {likes} best",
            "the {head} {owner} {likes} best",
        ),
        (
            "which {head} is {owns} favourite",
            "which {head} is {owns} favourite",
            "the {head} that is {owns} favourite",
        ),
        (
            "which {head} {do} {owner} like best",
            "which {head} {owner} {likes} best",
            "the {head} {owner} {likes} most",
        ),
        ("what {head} {do} {owner} like most", "what {head} {owner} {likes} most", ""),
        (
            "of every {head}, which {do} {owner} like best",
            "which {head} {owner} {likes} above all",
            "{owns} best {head}",
        ),
        (
            "which {head} {do} {owner} prefer",
            "which {head} {owner} {likes} more than any other",
            "",
        ),
        ("what {head} {do} {owner} love", "what {head} {owner} {likes} so much", ""),
        ("what {head} {do} {owner} love above all", "the {head} {owner} {likes} above all", ""),
    ),
}
OF_SPEAKER: dict[str, Shapes] = {
    "name": (
        ("what is my name", "what my name is", "my name"),
        ("what am I called", "what I am called", ""),
        ("who am I", "who I am", ""),
        ("how am I called", "what people call me", ""),
    ),
    "age": (
        ("how old am I", "how old I am", "my age"),
        ("what is my age", "what age I am", ""),
    ),
    "job": (
        ("what is my job", "what my job is", "my job"),
        ("what do I do for a living", "what I do for a living", "my profession"),
        ("what do I work as", "what I work as", ""),
        ("which job do I have", "what job I do", "my occupation"),
        ("what am I by profession", "what I am by profession", ""),
    ),
    "live": (
        ("where do I live", "where I live", "my home"),
        (
            "which place do I live in",
            "which place I live in",
            "the place where I live",
            "I live where",
        ),
        ("what town do I live in", "in which town I live", "my town"),
        ("in which city do I live", "what city I live in", "my address"),
        ("where is my home", "where my home is", ""),
        ("where am I at home", "where I am at home", ""),
        ("in what town do I live", "what town I live in", ""),
        ("which city do I live in", "in which city I live", ""),
    ),
    "birthday": (
        ("when is my birthday", "when my birthday is", "my birthday"),
        ("when was I born", "when I was born", "the date of my birthday"),
        ("on which day is my birthday", "what day my birthday is", ""),
        ("what date is my birthday", "on what date my birthday is", ""),
        ("on what date was I born", "on which date I was born", ""),
        ("when do I celebrate my birthday", "when I celebrate my birthday", ""),
        ("when do I have my birthday", "which day my birthday is", "", "my birthday is when"),
    ),
    "height": (
        ("how tall am I", "how tall I am", "my height"),
        ("what is my height", "what my height is", ""),
    ),
    "weight": (
        ("how much do I weigh", "how much I weigh", "my weight"),
        ("how heavy am I", "how heavy I am", ""),
        ("what is my weight", "what my weight is", ""),
    ),
    "like": (
        ("what do I like", "what I like", "something I like"),
        ("what do I love", "what I love", ""),
        ("what am I fond of", "what I enjoy", ""),
        ("what is it that I like", "what it is that I like", "", "I like what"),
        ("what do I enjoy", "what I am fond of", ""),
    ),
    "dislike": (
        ("what do I hate", "what I hate", "something I hate"),
        ("what do I not like", "what I do not like", ""),
        ("what can I not stand", "what I cannot stand", ""),
        ("what is it that I hate", "what it is that I hate", "", "I hate what"),
        ("what do I dislike", "what I dislike", ""),
    ),
    "rise": (
        ("when do I get up", "when I get up", "the time I get up"),
        ("when do I wake up", "what time I get out of bed", ""),
        ("at what time do I get up", "at what time I get up", "", "I get up when"),
        ("when do I get out of bed", "when I get out of bed", ""),
        ("when does my day begin", "when my day begins", ""),
    ),
    "plan": (
        ("what do I plan to do", "what I plan to do", "my plan"),
        ("what am I going to do", "what I am going to do", "my plans"),
        ("what do I want to do", "what I want to do", ""),
        ("what is it that I plan", "what it is that I plan", "", "I plan to do what"),
        ("what is my plan", "what my plan is", ""),
    ),
    "origin": (
        ("where am I from", "where I am from", "the place I am from"),
        ("where do I come from", "where I come from", ""),
        ("which town am I from", "which town I am from", "", "I come from where"),
        ("where did I come from", "from where I come", ""),
    ),
}

COUNTED: Shapes = (
    ("how many {np} do I have", "how many {np} I have", "the number of my {np}"),
    ("how many {np} have I got", "how many {np} I have got", "the number of {np} I have"),
    ("how many {np} are mine", "how many {np} are mine", "", "I have how many {np}"),
    ("what number of {np} do I have", "what number of {np} I have", "the count of my {np}"),
)
"""`np` is what somebody has so many of."""

BY_UNIT: dict[str, Shapes] = {
    "money": (
        ("how much {be} {np}", "how much {np} {be}", "the price of {np}"),
        ("how much do I pay for {np}", "how much I pay for {np}", "what I pay for {np}"),
        ("what does {np} cost", "what {np} costs", "the cost of {np}"),
        ("how high {be} {np}", "how high {np} {be}", "the amount of {np}"),
        ("what do I pay for {np}", "what I pay for {np}", ""),
        ("how much {bare} do I pay", "how much {bare} I pay", ""),
        ("how expensive {be} {np}", "how expensive {np} {be}", ""),
    ),
    "length": (
        ("how long {be} {np}", "how long {np} {be}", "the length of {np}"),
        ("how far {be} {np}", "how far {np} {be}", ""),
        ("how many metres {be} {np}", "how large {np} {be}", "the size of {np}"),
    ),
    "weight": (
        ("how heavy {be} {np}", "how heavy {np} {be}", "the weight of {np}"),
        ("how many kilos {be} {np}", "how much {np} weighs", ""),
    ),
    "years": (
        ("how old {be} {np}", "how old {np} {be}", "the age of {np}"),
        ("how many years {be} {np}", "how many years {np} has", ""),
    ),
}

THERE: Shapes = (
    ("how many {np}", "how many {np}", "the number of {np}"),
    ("what number of {np}", "what number of {np}", ""),
)
"""`np` is what there is so many of, with "are there" behind its noun."""
