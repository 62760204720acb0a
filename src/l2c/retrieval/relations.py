"""Words that a question and its document use for one thing, though they do not mean the same.

A part and its whole (`wheel`, `bicycle`), a kind and what it is (`ring`, `jewellery`), a deed and
its doer or its outcome (`bake`, `bread`; `illustrator`, `drawing`). They count for less than a
synonym. Written from a general vocabulary, field by field: home, travel, health, money, law,
school, work, machines, nature; English first, and some German. Groups are set apart by lines or
`|`; a word in two groups is related to the others of both.
"""

from __future__ import annotations

RELATED = """
lorry truck van vehicle | car drive driver park parking garage | motorbike motorcycle scooter
cab taxi | coach bus shuttle | tram underground metro subway | ticket fare pass | platform station
airport flight plane terminal | harbour port dock quay | ship boat ferry vessel sail
bag luggage suitcase rucksack backpack | passport identity visa document
map route directions way | traffic road motorway highway | drive driver driving
lead guide leader tour | travel abroad foreign worldwide country
get reach arrive come transport shuttle | home return back | check-in arrive arrival key
check-out leave depart | reception desk counter front | room bedroom chamber
bed sleep mattress cot bunk | sheet linen bedding towel | bath bathroom shower toilet
kitchen cook stove oven hob | fridge refrigerator freezer | dishwasher dish crockery plate
kettle tea coffee | washer washing laundry | iron ironing | sofa couch armchair
cupboard wardrobe closet shelf | radiator heating heater boiler warm cold freezing
cool cold chilly freezing | wifi wireless wlan internet network online | television tv telly
roof attic loft | wall ceiling floor | stair stairs staircase steps | lift elevator
wheelchair disabled accessible ramp | balcony terrace patio | yard courtyard garden
fence hedge gate | tree bush plant shrub | flower blossom bloom | lawn grass mow
leaf leaves compost garden | tool spade rake | bin rubbish litter trash garbage dustbin
recycle recycling glass paper | neighbour neighbours next | quiet silence noise noisy loud
key lock unlock | alarm smoke detector | burglar burglary thief theft steal stolen break-in
pet dog cat animal hamster | dog lead leash | cat kitten | hen chicken poultry | bee hive honey
insect moth butterfly beetle | bird owl nest | fish aquarium | larva caterpillar grub
egg lay hatch | eat feed diet food | prey hunt hunter predator enemy enemies
species kind animal plant | habitat live found range distribution | extinct die disappear vanish
endangered threat threaten danger dangerous protect
weather rain storm snow wind hail thunder lightning thunderstorm | flood flooding flooded water
earthquake quake | fire flame burn blaze campfire bonfire | heat hot burn | ice freeze frost
river stream brook | lake pond | sea ocean coast shore beach | mountain hill peak summit
forest wood woods | island isle | north northern | south southern | west western | east eastern
king queen royal | war battle army soldier | church chapel priest abbey monastery
religion god faith | doctor physician gp surgeon nurse | hospital clinic ward surgery
patient sick ill | medicine drug tablet pill dose | injection vaccine vaccination jab
pain hurt ache sore | fever temperature | blood bleed bleeding | bone fracture break broken
tooth teeth dentist | eye sight vision glasses | ear hear hearing | kidney liver heart lung organ
allergy allergic | pregnant pregnancy | diabetes sugar glucose | diet food nutrition
vegetarian vegan meat | alcohol wine beer drink drunk | smoke smoking cigarette tobacco
weight weigh heavy | tall height high | age old aged born | birth born birthday
death die dead died | wife husband spouse married marry wedding | son daughter child kid baby
brother sister sibling | aunt uncle cousin | family relative | friend mate
baby infant toddler cot | child kid pupil youngster | adult grown-up | teenager youth young
senior pensioner elderly old retired | man male | woman female | boy girl | name called named
nickname name | illustrator illustrate draw drawing picture artist | author write writer written
inventor invent design designer designed devise
discover discoverer find found describe described discovery | explore explorer research
researcher scientist research study | composer compose music opera | painter paint painting
singer sing song choir | actor play film | photographer photo | builder build built construct
architect design building | founder found founded start | owner own belong possess | editor edit
publisher publish published release year | translator translate | rider ride | runner run race
player play game | teacher teach instructor lesson | student study learner | trainer train coach
leader lead head run chair | helper help volunteer | supporter support | visitor visit
speaker speak talk speech | listener listen | buyer buy purchase | seller sell sale
customer client buyer | supplier supply | maker make manufacturer
employer employ company firm work | employee worker staff | applicant apply application
interview talk meeting | thesis dissertation paper
degree master bachelor diploma graduate university | study studied university college education
school class pupil lesson | exam examination test | mark grade score | homework exercise
course class lesson | language speak fluent | hobby hobbies leisure interest pastime
experience practice worked | job position post work role | career work job
quit leave left resign | salary wage pay earn income | boss manager chief head lead
team group crew | colleague workmate | prize award medal trophy | skill skills able ability
driving licence license | reference referee | citizen nationality citizenship
address live lives lane street road | hometown born come | contact telephone email reach
phone telephone mobile call ring | number phone telephone | password code pin
email e-mail mail write | money cash coin coins note silver | bankrupt broke afford poor penniless
afford money pay cost | price cost fee charge rate | cost charge pay price worth
expensive dear costly | cheap inexpensive | free gratis charge nothing | deposit security bond
down instalment part payment | refund return reimburse back | bill invoice | pay payment transfer
transfer pay send account | account bank iban | debt owe owing | interest rate | tax taxes vat
profit gain earnings | loss deficit | budget plan | fine penalty punish
salary expected want earn | discount reduction reduced cheaper concession | tip gratuity service
insurance insured insure cover covered policy | claim damage report | premium pay yearly
deductible excess share bear | belongings goods possessions things property
jewellery ring rings necklace watch gold | bike bicycle cycle | lost lose missing
complain complaint complaints disagree objection | lawyer solicitor attorney legal
court judge trial | contract agreement lease | sign signature signed approve approved
terminate cancel end withdraw call | notice terminate cancel end writing
valid validity expire expiry | extend prolong renew extension | rule rules regulation
allowed permitted may can permit | forbidden prohibited not banned | must have obliged required
need require necessary required | optional voluntary
apply application register registration sign | member membership join | club association society
committee board council | chair chairman president head lead | treasurer money accounts
secretary minutes | vote election elect | meeting assembly gathering | begin start commence first
end finish over last close | last final end | early earlier before | late delay delayed
soon quickly immediately | immediately once straight urgent | often frequently every
rarely seldom | always ever | daily day | weekly week | monthly month | yearly year annual
lunch meal noon midday | breakfast morning | dinner evening supper | snack food
drink beverage water | vegetarian meat-free | dessert sweet cake | recipe cook ingredients
boil cook heat | open opening opened | closed shut close | entrance entry door gate | exit way out
show performance concert play | band group music | stage platform | audience public
exhibition museum | card cards deck pack hand | die dice | board game | turn move go round
draw tie equal | draw pile stock deck | win winner victory victorious most | lose loser out
hand hold | steal rob take | token piece block pawn | begin start with | player players
limit most maximum no more up | minimum least | enough sufficient | size big large
amount much many | spare extra remaining left leftover | leftover remaining left over unsold
rest remainder remaining | different differ change changes other | similar like same
compare than | bigger larger greater more | faster quicker | better improve improved
worse worsen | increase rise raise grow | decrease fall drop reduce | cause reason because lead
result outcome effect | purpose use aim good | mean meaning means | explain because
sign indicate speak show suggest symptom | look appear appearance colour | colour red green blue
wing wings feather | light glow shine lamp | dark darkness black | bright light
produce make made produced | happen occur | replace exchange | break broken damage
install set up put | connect plug join | switch turn press | adjust set | remove take off
clean wash wipe | dry drying | fill refill | empty drain | store keep | throw away discard
push press | pull draw | carry load hold transport | lift raise | hang hook | tie fasten
machine device appliance | engine motor | cable cord wire lead | button switch key
screen display | error fault message | software program app | computer laptop pc | file folder
print printer copy | update upgrade version | backup copy save | data information
internet web online site | user account | photo picture image | video film | sound noise audio
volume loud | wood wooden timber | metal iron steel | stone rock | cloth fabric textile
bring take carry pack along | torch lamp flashlight | boot boots shoe shoes | coat jacket
clothes clothing wear | tent camp camping campsite | sleeping bag bed | meet meeting
participant take part attend go come | group head people person each | number many how
take place held venue location | venue place hall | where place location | date when day
responsible charge care look after take run | contact person responsible | handle deal responsible
arrange organise plan settle | organiser organise arrange | decide decision choose
suggest propose | agree accept | refuse reject decline | help support assist
order request ask requested | signed approved confirm | sample specimen tube
test examination check measure | result value reading | normal okay ok fine healthy
high raised above elevated | low below lack reduced | too above over | short lack missing shortage
vitamin iron mineral | fasting sober empty breakfast eaten eat | again next repeat
miete pacht mietzins | kaution sicherheit | gebühr beitrag kosten entgelt preis
strafe bußgeld mahngebühr | zahlen bezahlen überweisen entrichten | geld euro betrag summe
teuer preis kosten | billig günstig | wohnung haus zimmer laube hütte gartenhaus
schlafen übernachten nächtigen | wohnen leben | hund leine tier haustier | huhn hühner geflügel
katze kater tier | garten beet parzelle | laub blätter kompost gartenabfall
unkraut jäten spritzen | mähen rasen rasenmäher schneiden | grillen grill feuer | lärm laut ruhe
strom elektrizität elektrisch | wasser leitung | abdrehen abstellen abgestellt
anstellen aufdrehen | chef leiter vorsitzender vorsitzende leitung leiten
verein mitglied vorstand | vorstand vorsitzende
sprechen sprechzeit erreichen erreichbar sprechstunde | vertrag kündigen beenden kündigung
helfen mithelfen gemeinschaftsarbeit arbeit | genehmigung erlaubnis zustimmung
erlaubt darf gestattet möglich | verboten untersagt gestattet erlaubt | pflicht muss verpflichtet
ausleihen leihen verleihen entleihen | buch bücher medien medium | bücherei bibliothek
ausweis karte | verlieren verloren | zurückgeben rückgabe abgeben | verlängern verlängerung
bestellen vorbestellen bestellung | öffnungszeit geöffnet offen | geschlossen zu
kind kinder schüler | student studenten | lesen vorlesen | kurs unterricht stunde
lehrer lehrerin trainer | anmelden anmeldung registrieren | absagen abmelden
parken parkplatz auto stellplatz | fahren fahrt | zug bahn bahnhof | bus haltestelle
flug flugzeug flughafen | arzt praxis | krank krankheit | medikament tablette arznei | schmerz weh
frühstück essen | trinken getränk | mitbringen bringen mitnehmen | anrufen telefon telefonieren
tasche rucksack schließfach | schuh schuhe | beginn anfang start | schluss ende
spät verspätet verspätung | früh zeitig | dauer lang | grund weil warum | zweck dienen
gewinnen gewinner | verlieren verlierer | spielen spiel | kopie kopieren | drucken drucker
rechner computer | kennwort passwort | attend come take part participate join
absent missing away apology | late overdue behind delay | sum total altogether whole
average mean | share part portion percentage per cent | half fifty | figure number value amount
growth rise grow | forecast expect plan | turnover sales sold revenue | shareholder owner investor
headquarters based office seat | branch shop store | stock supply available
order deliver delivery ship | warranty guarantee covered | return exchange refund
spare part replacement | manual instructions guide | warn warning danger caution
safe safety secure | power electricity energy current | volt voltage | noise decibel loud
speed fast rate | size dimension measure | length long far | width wide broad | depth deep
weight heavy load | distance far away | capacity hold holds room fit
material made wood steel cotton | waterproof rain wet splash | rust corrosion
charge battery full | last run endurance life | range far distance | start turn on
stop halt end off | lamp light flash blink | beep sound signal | sensor measure detect
filter clean | hose pipe tube | leak drip | screw bolt tighten | oil grease lubricate
tyre wheel pump pressure | brake stop | chain gear | saddle seat | flour dough cake bread
sugar sweet | salt salty | egg eggs | butter fat oil | milk cream | onion garlic vegetable
serve portion people persons | minutes bake cook oven | degrees heat temperature | mix stir knead
cut chop slice | ingredient need take contain | cheese dairy | nut nuts allergy | spicy hot pepper
freeze freezer frozen keep | exhibit exhibition display show | collection collect
artist painter painted work | century year dating old | guide tour guided | opening hours open
admission entry ticket | group class school | camera photo photograph
observe observatory telescope star | planet moon sun | space rocket | experiment research study
treaty peace | elect election president | minister government state | law act legal
population inhabitants people live | capital city town | language speak spoken | border neighbour
vacation holiday leave days off | overtime extra hours | probation trial | remote home office
training course seminar | expense expenses costs travel reimburse | allowance pay money
pension retirement retire | sick illness ill doctor note certificate | accident injury hurt
maternity parental child leave | resign quit notice | tenant renter rent | landlord owner
sublet sublease lodger | repair fix broken mend defect | heating costs utilities
cellar basement storage | key keys lock | quiet rest noise music hours | bicycle bikes store
pets animals dog | move out leave end | move in start begin | paint painting walls decorate
nail drill hole shelf | window glass | increase raise rise higher | reduce lower cut
statement bill account | standing order transfer pay | password login log sign | log in sign
crash fail error | slow speed performance | memory ram space | download get obtain | upload send
delete remove erase | search find | share send publish | setting option configure
support help contact | supported works compatible runs | platform system windows linux mac
require need version | test try check | server host machine | database store stored data
encrypt secure secret | licence license free use | bug issue problem fault | feature function can
developer maintainer author wrote | contribute patch help | child pupil class
parent guardian mother father | teacher head headteacher | uniform clothes shirt wear
trip excursion outing visit | lunch meal eat canteen | club after school | holiday half-term break
book library borrow | sport pe games | swim swimming pool water | cap hat
fee contribution subscription dues | trainer coach instructor | beginner start level
team crew squad | race regatta competition compete match | boat canoe kayak row | club member
captain leader | cut trim prune | water watering | seed sow plant | harvest pick fruit vegetables
compost heap | shed hut | vote votes favour against | agenda item topic
minutes protocol wrote taken | resolution decide decided agreed | next following coming
last previous recent | quorum enough present | donate donation gift give | raise collect money
rota turn duty | repair work fix carried out | contractor company firm builder | quote offer price
thief burglar stole | find found lost | report tell inform notify | proof receipt evidence
wait waiting queue list | book reserve booking | cancel call off withdraw | confirm confirmation
change amend alter | guest visitor | host hostess owner | welcome greet | view sea mountain
quiet peaceful | wear clothes shoes boots | rain coat umbrella | cold warm jacket clothes
sun cream hat | first aid kit nurse | emergency urgent help ambulance | police fire brigade
exit escape door | smoke fire alarm | meeting point assembly | numb feeling anaesthetic
swell swelling | stitch stitches wound | rinse mouth wash | sport exercise strain run
rest recover recovery heal | dose amount tablets | side effect risk | treat treatment therapy
entschuldigen entschuldigung fehlen fehlt | kleidung anziehen schuhe | ausflug fahrt reise
essen mittag verpflegung | kosten betrag euro | überweisung überweisen konto
unterschrift unterschreiben | formular antrag | frist bis spätestens | treffpunkt treffen abfahrt
rückkehr zurück ankunft | lehrer klasse schule | eltern elternabend | ferien urlaub frei
gerät maschine | reparatur reparieren defekt kaputt | garantie gewährleistung
bedienung bedienen taste drücken | reinigung reinigen putzen | heizung heizen warm
keller abstellen | treppe treppenhaus | müll tonne abfall | besuch gäste besucher
arbeit arbeiten job beruf | gehalt lohn verdienen | urlaub urlaubstage | krank arzt attest
probezeit kündigung | rezept zutaten | backen ofen | kochen herd | mehl teig | portion personen
grad temperatur | gründen gegründet gründer | bauen gebaut erbaut | einwohner bevölkerung leben
lage liegen liegt | größe groß fläche
"""
