"""Who is spoken of: people by what they are to somebody, by their trade, and animals.

Ordinary words, as a dictionary would have them.
"""

from __future__ import annotations

from l2c.text.lexicon import listed

CALLED_SO = listed("""
    mum mom mam dad papa mama granny grandma grandpa nan mother father grandmother grandfather
    """)
"""Who needs no "my" before it: "Mum lives near the sea"."""

PEOPLE = (
    listed("""
    sister brother mother father son daughter wife husband aunt uncle cousin niece nephew
    grandmother grandfather grandson granddaughter parent grandparent child baby twin friend
    girlfriend boyfriend partner fiancé fiancée fiance fiancee flatmate roommate housemate
    neighbour colleague boss teacher doctor dentist lawyer landlord landlady coach trainer
    godmother godfather godson goddaughter stepmother stepfather stepsister stepbrother stepson
    stepdaughter mother-in-law father-in-law sister-in-law brother-in-law son-in-law
    daughter-in-law hairdresser barber plumber accountant therapist physiotherapist midwife
    manager assistant secretary tenant family team penfriend pal vet adviser advisor gardener
    optician surgeon student pupil nanny babysitter cleaner ex maker coworker mentor guest
    mate gf bf grandchild classmate
    """)
    | CALLED_SO
)
KIN = listed("""
    mother mum mom father dad parent brother sister son daughter child wife husband spouse partner
    girlfriend boyfriend gf bf fiancé fiancée aunt uncle cousin niece nephew grandmother grandma
    granny gran nan grandfather grandpa granddad grandson granddaughter grandchild twin baby
    stepmother stepfather stepson stepdaughter stepsister stepbrother mother-in-law father-in-law
    sister-in-law brother-in-law son-in-law daughter-in-law kid family
    """)
"""Relatives, by every common name."""

TRADES = listed("""
    accountant actor actress architect artist baker barista bookkeeper bricklayer builder
    butcher captain caretaker carpenter cashier chef chemist cleaner clerk cook dancer dentist
    designer doctor driver editor electrician engineer farmer firefighter fisherman florist
    gardener hairdresser journalist judge lawyer lecturer librarian mechanic miner musician
    nurse optician painter photographer pilot plumber policeman policewoman postman potter
    priest professor programmer receptionist roofer sailor salesman secretary shopkeeper singer
    soldier student surgeon tailor teacher technician translator vet waiter waitress welder
    writer
    """)
"""What somebody is by trade; those still learning English leave out its article."""

BREEDS = {
    "dog": listed("""
    spaniel terrier labrador poodle collie retriever dachshund beagle husky greyhound whippet
    bulldog alsatian corgi pug mongrel sheepdog puppy
    """),
    "cat": listed("tabby persian siamese moggy kitten tomcat"),
    "horse": listed("mare stallion gelding foal pony"),
    "bird": listed("parrot budgie canary parakeet"),
}
"""Animals that are called by their breed or age, by what is asked for."""

ANIMALS = frozenset().union(*BREEDS.values()) | listed("""
    cat dog kitten puppy canary budgie pig goldfish donkey tortoise horse rabbit parrot goat hen
    hamster pony mouse duck turtle parakeet fish bird snake lizard gecko ferret cow sheep lamb
    bull mule goose rooster chicken hedgehog pet guinea snail
    """)
