"""Everyday words: which mean about the same, which tell little, and which nothing.

English first, and some German. A question seldom uses the words of its document; a group says which
others to look for. They are words of leases, manuals, minutes and letters, not of any one of them.
"""

from __future__ import annotations

EMPTY = """
a about above after again all also am an and any are as at be been before being below between both
very but by can could did do does doing done down each either else for from further get gets got
had has have having he her here hers him his how i if in into is it its itself just me mine more
my no nor not of off on once only or other our ours out over own per please same she should so
some such than that the their theirs them then there these they this those through to too under
until up upon us was we were what when where which while who whom whose why will with within would
you your yours s t d ll m re ve according document documents file files text say says said mention
mentioned mentions tell state stated states describe described contain exactly kind much many der
die das den dem des ein eine einen einem einer eines und oder aber ist sind waren wird werden
wurde wurden haben hatte im auf aus bei mit nach von vor zu zum zur für fur ich du er sie es wir
ihr wer wie wo wann warum welche welcher welches wieviel viele viel nicht kein keine sich auch als
dass happen happens happened go goes going went gone e darf dürfen muss müssen soll sollen kann
können gibt man must shall might ought without during whats hows whos wheres whens dont wont cant
doesnt didnt isnt arent im ive id hes shes theyre youre thats theres mein meine meinen meiner unser
unsere dein deine ihre ihren bin war hat hast habe wenn ob denn mal bitte doch noch schon nur sehr
beim am vom ins was sein gewesen worden wäre würde würden sollte sollten könnte könnten
"""
"""Words that every text has; they are left out of questions."""

LIGHT = """
need want get give gives given put take taken find keep use used work make made hold held receive
bring let call appear suppose supposed like look know see new old now current currently actual
really anything something somebody anybody everything usually normally together ever yet still
already able allow allowed permit possible thing way case part place time fit contain include show
want wish brauchen gehen machen geben bekommen finden neu
"""
"""Words that go with almost any question and hardly tell one from another."""

FORMS = """
wear wore worn | stand stood | rise rose risen | fall fell fallen | drive drove driven
eat ate eaten | drink drank drunk | sleep slept | break broke broken | bring brought | come came
ring rang rung | swim swam swum | see saw seen | fly flew flown | throw threw thrown
draw drew drawn | ride rode ridden | catch caught | hang hung | feel felt | sit sat | bind bound
blow blew blown | forget forgot forgotten | hear heard | hide hid hidden | mean meant
shake shook shaken | shine shone | sing sang sung | steal stole stolen | strike struck
sweep swept | wake woke woken | withdraw withdrew withdrawn | forbid forbade forbidden | lend lent
set setting | swell swollen | freeze froze frozen | bite bit bitten | bend bent | tear tore torn
prove proved proven | show shown | sew sewn | mow mown | good better best | full fully
real really | usual usually | easy easily | bad worse worst | beginnt begonnen begann beginnen
findet finden gefunden | fährt fahren gefahren | trifft treffen getroffen
bringt bringen gebracht | nimmt nehmen genommen | hält halten gehalten | trägt tragen getragen
schließt schließen geschlossen | läuft laufen gelaufen | kommt kommen gekommen | gilt gelten
isst essen gegessen | schläft schlafen | zieht ziehen gezogen | liegt liegen | steht stehen
heißt heißen | weiß wissen | bleibt bleiben geblieben
"""
"""Irregular words: the forms of one, then `|`."""

SYNONYMS = """
cost price fee charge pay rate costs
buy purchase acquire
sell sale
begin start commence
end finish expire
boss manager head lead leader director chief supervise run
employee staff worker personnel people
salary wage pay compensation
holiday vacation leave
person people
live reside residence
locate situate lie place stand location where
phone telephone call number
mail email address
car vehicle
big large size
gram g
kilogram kilo kg
kilometre kilometer km
metre meter m
litre liter l
minute min
hour h
euro eur
allow permit may permitted
forbid prohibit ban
need require must necessary requirement
fix repair mend
error fault failure fail defect
show display indicate
maximum max most limit top up highest greatest
minimum min least lowest
create make produce manufacture build
author write
found establish founder
year annual annually yearly
month monthly
day daily
week weekly
hour hourly
last take duration long
deadline due
cancel terminate termination notice cancellation
rent lease
tenant renter lessee
landlord lessor owner own
revenue turnover sales income
profit earnings gain
warranty guarantee
battery accumulator
weigh weight heavy
high height tall
long length
wide width
deep depth
fast speed quick velocity
temperature hot warm heat cold
password passphrase
delete remove erase
help support assistance
meet meeting
often frequency every interval
color colour
child kid
doctor physician dr
medicine drug medication
document file
city town
street road
trip journey travel
contain hold include
capacity hold
job position role
insure insurance cover
deposit security
discount reduction rebate
deliver delivery ship shipping
return refund
guest visitor
animal pet dog cat
damage harm
aim goal purpose objective
reason cause because why
burglary break theft robbery
empty vacant
return back
talk speak speaker lecture presentation
gather assemble assembly meeting
expensive cost price
loud noise
charge full load
walk path hike route
danger dangerous harm harmful
money treasurer finance account
sleep bed overnight
music instrument piano guitar violin
wash laundry
excess deductible share
note certificate
bake oven
elect choose vote
protect proof resist
close end deadline
earn profit income
electricity power energy
replace change exchange
ill sick illness disease
contribute refund pay
gas petrol fuel
flat apartment
shop store
big biggest large largest great greatest main major huge
small smallest little least minimum tiny
new newest late latest recent
early earliest soonest
thick thickest wide widest broad
max maximum longest highest largest thickest
travel go trip journey drive visit
stay sleep live lodge accommodation hostel hotel
shoe shoes boot boots footwear
guarantee guaranteed warranty cover covered
home house
office work workplace
lesson class course
pupil student school
teacher instructor
parent mother father
cook prepare boil
dish meal food menu
dinner supper
drink beverage
kitchen cook
wage earn income
invoice bill
bank account iban
signature sign
approve agree consent accept
reject refuse decline deny
inform tell notify report announce
ask question request enquire
answer reply respond response
complain complaint claim
open opening hours
shut close closed
entry entrance admission enter
exit leave depart departure
arrive arrival come reach
border boundary
road way path route
rubbish garbage waste trash
clean cleaning wash
noise quiet loud
smoke smoking cigarette
fire burn smoke
lift elevator
floor storey
roof top
cellar basement
garden yard
key lock
heating heater warm
win prize award winner
member membership
chair chairman chairwoman chairperson president head
deputy vice
successor follow replace succeed new
develop build create
programme program schedule agenda
topic subject title theme
book reserve reservation booking
safe safety secure
risk threat hazard
hurt injure injury
hospital clinic
pill tablet medicine
birth born birthday
death die dead
marry marriage married wife husband
firm company business corporation
branch office subsidiary
found founded established set start
plant factory works site
goods product item
supply supplier deliver provide
stock store inventory
rise grow increase growth raise
fall drop decrease decline reduce less
loss deficit lose
share stock dividend
expect forecast predict outlook plan
version release edition
install installation setup
configure configuration setting settings option
default standard preset
bug error fault issue problem
license licence
computer machine device pc
screen monitor display
memory ram storage
network internet wifi
picture photo photograph image
film movie video
observe see watch spot notice
count number amount quantity
study research investigate
sea ocean coast beach
hill mountain peak summit
forest wood
rain wet weather
bicycle bike cycle
train railway rail
bus coach
plane flight fly
luggage baggage suitcase bag
twice two double
evening night
noon midday
autumn fall
free vacant available
quit leave resign | mow cut | trim cut prune | accurate accuracy exact precise exactly precision
collect gather raise | empty collect | vomit sick diarrhoea | beer wine alcohol spirits
run sport exercise | extract pull remove | swollen swell | worst greatest | dentist dental dr
quote offer estimate | lunch meal food | quorum quorate present | resident inhabitant
alone himself herself yourself myself | carry load | renew replace change | lamp light
manual handbook instructions | publish release issue | app application program | folder directory
run execute | compute calculate | disk space size | maintain maintainer | weekend saturday sunday
absent apology apologies | vote favour against abstain | emergency urgent | visit stay
sign sincerely regards write | overdue late | must obliged | hire rent loan
ticket fare admission | suitcase luggage bag | bleed bleeding blood | range distance
additional another extra further | generate produce | attend present attendance | coffee tea drink
member people | whole complete entire | hurt pain ache painful | tooth teeth | solar photovoltaic
build construct construction erect | area square size | saving save | decide decision
due owe pay | insulate insulation | photo photograph portrait | jumper sweater pullover
wrong false | free gratis | former previous past | rule regulation | exclude expel
young youth junior | woman female | man male | bin rubbish waste | paint decorate
swim swimming bathe | train training practise practice exercise | coach trainer | tyre tire
tighten tight torque | lubricate oil grease | consume consumption use
reference booking reservation | contact phone telephone reach email | ring call phone
helpline line | aircraft plane | ferry ship boat | hotel guesthouse | tip gratuity
withdraw cancel cancellation | policy insurance
kosten preis gebühr | miete mieten mieter | beginnen anfangen beginn anfang | enden ende schluss
wohnung haus zimmer | verwalten verwaltung verwaltet hausverwaltung
erlaubt gestattet dürfen darf | verboten untersagt | reparieren reparatur | arzt ärztin
urlaub ferien | lohn gehalt | kündigen kündigung | auto wagen | fahrrad rad | müll abfall
laut lärm | öffnen öffnungszeiten offen | schließen geschlossen zu
anfangen fängt beginnt beginn start | dauert dauer lange geht | leiten leiter leiterin leitung
nummer telefon telefonnummer erreichen anrufen | extra zusätzlich
enthalten inbegriffen inklusive | kostenlos gratis frei | bezahlen zahlen kosten gebühr
eintritt eintrittspreis | fehlen abwesend | krank krankheit | tief tiefe | hoch höhe
breit breite | lang länge | schwer gewicht wiegt | warm temperatur grad | anmelden anmeldung
abmelden abmeldung | absagen absage | eltern mutter vater | kind tochter sohn
geschwister bruder schwester | lehrer lehrerin | vermieter eigentümer | treffen treffpunkt
tag täglich | woche wöchentlich | monat monatlich | jahr jährlich | essen mahlzeit mittagessen
trinken getränk | übernachten übernachtung | haustier hund katze tier | reinigen putzen sauber
kaputt defekt | fehler störung | bedeuten heißt
"""
"""Groups are set apart by lines or `|`. A word in two groups is a synonym of both."""
