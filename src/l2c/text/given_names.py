"""Given names, for texts that are typed without a capital: "my sister ella is 16".

The commoner names of many countries, without those that are words of every day as well (Will, Rose,
May, Mark): a capital put on such a word would make a name of it.
"""

from __future__ import annotations

import re

from l2c.text.lexicon import listed

GIVEN_NAMES = listed("""
    aaliyah aarav aaron abby abdul abdullah abigail ada adam addison adrian agnes ahmed aidan aiden
    aisha akira alan alba albert alejandra alejandro alessandro alessia alex alexander alexandra
    alfie ali alice alicia alina alison alma alvaro amal amanda amara amelia amelie amina amir amit
    amy ana anastasia anders andrea andreas andrei andrew andy aneta anette angela anika anil anita
    anja anjali ann anna anne annette annie annika anthony anton antonia antonio anya archie ariana
    arianna arjun arman armando arno aron arthur arun asha ashley astrid aubrey audrey austin ava
    ayaan ayesha aylin aziz barbara beata beatrice beatriz becky ben benjamin benny bente bernard
    beth bilal birgit bjorn bob bogdan boris braden brandon brayden breanna brenda brian brianna
    bridget brittany brody bruno bryan caitlin caleb callum cameron camila camilla carl carla carlo
    carlos carly carmen caroline carter cassandra catherine cecilia cedric celia chantal charles
    charlie charlotte chen chiara chinedu chloe chris christian christina christine christoph
    claire clara claudia clemens cody cole colin connor corey courtney craig cristina cynthia dalia
    damian dan daniel daniela danny dariusz darren dave david dawid deborah deepak denise dennis
    derek devon diana diego dimitri dina dmitri dmitry dominic dominik donna doris dorota dorothea
    dorothy duncan dustin dwayne dylan ed eddie edgar edith eduardo edward edwin egor eileen
    ekaterina elaine eleanor elena eli elias elif elin elise eliza elizabeth ella ellen ellie
    elliot elodie eloise elsa elvira emil emilia emily emma enrique enzo eric erik erika erin
    ernest esther ethan eugene eva evan evelyn ezra fabian fabio farah farid fatima fatma felix
    fernanda fernando filip finn fiona florian frances francesca francesco francis franziska fred
    freddie frederick frida friedrich gabriel gabriela gareth gaurav gavin gemma geoffrey george
    georgia gerald gerhard gina giovanni gisela giulia gonzalo gordon graham grazyna greg gregory
    greta guillermo gunnar gustav hailey hamid hamza hana hannah hans harold harper harriet harris
    harry haruto harvey hassan hayden heather heidi heike heinz helen helena henrik henry hiba
    hiroshi howard hugh hussein ian ibolya ibrahim ida igor ilse imani imogen imran ines inga ingo
    ingrid irene irina isaac isabel isabella isaiah isla ismail istvan ivan ivana ivo jackie
    jackson jacob jaden jaime jake jakob jamal james jamie jan jane janet janice janina jared
    jasmin jason javier jayden jayla jaylen jean jeff jeffrey jelena jenna jennifer jenny jens
    jeremy jerome jesse jessica jim jimmy joan joanna joanne joao joaquin jochen jodie joe joel
    joelle johan johanna john johnny jolanta jonas jonathan jordan jorg jorge jose josef josefina
    joseph josephine josh joshua josie juan judith judy julia julian julie julio jurgen kai kaitlyn
    kamal kamila karen karim karin karl karolina katarzyna kate katharina katherine kathleen
    kathryn katie katja katrin kayden kayla kaylee keira keith kelly kelsey ken kenji kenneth kev
    kevin khadija khalid kieran kim kiran kirsten klara klaus krzysztof kumar kyle kyra lachlan
    laila lara larry lars latoya laura lauren layla lea leah lee leila lena lennart leo leon
    leonard leonardo leonie leticia levi lewis liam libby lidia lilian lilly lina linda lionel lisa
    liz logan lola lorena lorenzo lorna lorraine louis louise luca lucas lucia luciana lucy ludwig
    luigi luis luka lukas lukasz luke luna lutz lydia lynn maciej mackenzie maddie madison maeve
    magda magdalena maggie mahmoud maja malcolm malik malin mandy manfred manuel marc marco marcus
    maren margaret margot maria mariam marian mariana marie mario marion marlene marlon marta
    martha martin martina mary mateo mathias mathilda matilda matt matteo matthew matthias mauricio
    max maximilian maya megan mehmet mei melanie melissa melvin mercedes merve mia michael michelle
    miguel mikael mike mikhail mikkel mila milan millie mirela mitchell mohamed mohammad mohammed
    moira molly monica monika morgan muhammad mustafa myra nadia nancy naomi natalia natalie
    natasha nathan nathaniel neha neil nele nelson nia niall niamh nicholas nicola nicolas nicole
    nigel nikita niklas nikolai nils nina noah noemi noor nora norman oksana olaf oleg olga oliver
    olivia olivier ollie omar orla oscar oskar otis otto owen pablo pamela pascal patrice patricia
    patrick paul paula pauline paulo pavel pedram pedro peggy penelope peter petra peyton phil
    philip philippa phoebe pierre pilar piotr pooja preeti priya priyanka rachel rafael rahul raj
    ralph ramon raquel raymond rebecca rebekah reggie reinhard renata renate rhiannon rhys ricardo
    richard riley rita ritu robert roberta roberto rodrigo roger rohan roland ronald ronan rory
    rosemary rosie roxanne ruben rudi rukhsana ruth ryan sabine sabrina sadie sahil saida sally
    salma sam samantha samir samira samuel sandra sanjay sanne santiago sara sarah sasha scarlett
    scott sean sebastian selina selma serena sergei sergio seth shane shannon sharon shaun sheila
    shirley shreya sienna silvia simon simona simone sina siobhan skye sofia sofie sonia sophia
    sophie soren spencer stefan stefanie steffen stella stephanie stephen steve steven stuart
    suleiman sunita susan susanne suzanne sven svenja sylvia tamara tamsin tanya tara tariq tatiana
    tatjana taylor ted teresa tessa thea theo theresa thomas tiago tiffany tim timo timothy tina
    tobias tobin toby todd tom tomas tomasz tommy tony torsten tracy travis trevor trisha tristan
    tyler tyrone ulrich ulrike ursula uwe valentina valerie vanessa vanya vasily vera veronica
    victor victoria vikram viktor vincent vivian vladimir volker walter wanda wayne wendell wendy
    werner wesley wiebke wiktor wilhelm william wolfgang xavier yannick yasmin yasmine yolanda yuki
    yusuf yvette yvonne zachary zack zainab zara zeynep zoe zofia zuzanna
    """)
_WORD = re.compile(r"(?<![\w'])[a-zà-ÿ]+(?=(?:'s)?(?![\w']))")


def with_capitals(text: str) -> str:
    """The text with a capital on every given name.

    >>> with_capitals("my sister ella is 16")
    'my sister Ella is 16'
    """
    return _WORD.sub(lambda word: word[0].title() if word[0] in GIVEN_NAMES else word[0], text)
