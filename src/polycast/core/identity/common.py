"""Passwords that are tried first. Not a list of thousands: the words they are built on, and how people build them.

The words were written down from general knowledge of what is published after breaches; `variants` are undone, so that
`P@ssw0rd2024!` is found as `password`.
"""

import re
from typing import Final

WORDS: Final = frozenset(
    """
    password passwort passwd passw pass motdepasse contrasena contrasenha senha parola haslo wachtwoord lozinka salasana
    losenord sifre parool heslo geheim secret secreto segreto hemmelig letmein letmeinnow openup opensesame welcome
    welcomehome willkommen bienvenue bienvenido benvenuto hello hallo bonjour ciao hola admin administrator
    administrador administrateur root toor superuser superman sysadmin system default guest user username test tester
    testing testtest demo changeme changeit change temp temppass temporary login logon access master mustang monkey
    dragon shadow sunshine princess princesse prinzessin principessa iloveyou ilovehim iloveher iloveme iloveu loveyou
    loveme lovely lover love forever always baby babygirl babyboy angel angels angelo angela football baseball
    basketball softball soccer hockey tennis golf golfer volleyball fussball futbol liverpool arsenal chelsea barcelona
    barca realmadrid juventus milan inter napoli benfica schalke bayern dortmund manchester manutd everton rangers
    celtic lakers yankees cowboys steelers eagles packers raiders redskins broncos dolphins patriots giants redsox
    qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl asdfasdf zxcvbn zxcvbnm zaqwsx qazwsx
    qazwsxedc qweasd qweasdzxc qweqwe zaq1zaq1 zaq1xsw2 1qaz2wsx 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3 q1w2e3r4
    q1w2e3r4t5 qwer1234 qwe123 abc123 abcd1234 a1b2c3 a1b2c3d4 aa123456 a123456 123abc 123qwe 123qweasd 1qazxsw2 asd123
    computer internet google facebook youtube twitter instagram linkedin myspace yahoo hotmail gmail microsoft windows
    apple samsung android iphone nokia sony playstation nintendo xbox minecraft fortnite roblox pokemon pikachu
    starwars startrek matrix batman spiderman ironman captain hulk wolverine joker avengers naruto sasuke goku
    dragonball onepiece harrypotter hermione gandalf frodo legolas tolkien hobbit jedi skywalker darthvader vader yoda
    whatever nothing something anything trustnoone trustno1 nopassword mypassword mypass thepassword password1
    passwordpassword newpassword oldpassword yourpassword letmeinplease ihateyou fuckyou fuckoff asshole bitch sexy hottie badboy badgirl goodboy playboy player killer hunter
    ranger soldier warrior ninja samurai pirate viking knight wizard phoenix tiger tigers lion lions panther cheetah
    eagle falcon hawk wolf wolves bear bears shark dolphin butterfly ladybug spider snake cobra viper scorpion horse
    horses pony unicorn puppy puppies doggie kitten kittens kitty hellokitty pussycat chicken monkeys bunny rabbit
    hamster turtle elephant penguin bulldog bulldogs wildcats michael michelle michele michel jennifer jessica jordan
    jordan23 thomas charlie charles daniel daniela danielle andrew andrea andreas anthony antonio alexander alexandra
    alexandre alexis alejandro ashley amanda brandon brandy britney brittany carlos caroline carolina chris christian
    christine christina christopher claudia david dennis diamond diana dominic edward elizabeth emily eduardo felipe
    fernando francesco francisco frank gabriel gabriela george gerald giovanni giuseppe hannah heather helena isabella
    jackson jacob james jasmine jason jeremy jessie joanna johnny johnson jonathan jose joseph joshua julian juliana
    justin karina katherine kathleen kevin kimberly laura lauren leonardo lorenzo louise lucas madison marcus margaret
    maria mariana marina mario marlon martin martina matthew matthias maurice melanie melissa miguel mohammed monica
    morgan natalia natalie natasha nicholas nicola nicolas nicole oliver olivia patricia patrick paul peter philip
    philipp pierre rachel rafael rebecca ricardo richard robert roberto rodrigo ronaldo messi ronaldinho beckham samantha
    samuel sandra sarah scott sebastian sergio stefan stefanie stephanie stephen steven susan sylvia taylor teresa
    tiffany valentina vanessa veronica victor victoria vincent virginia william xavier yvonne zachary
    summer winter spring autumn sommer verano invierno january february march april august september october november
    december monday tuesday wednesday thursday friday saturday sunday london paris berlin madrid newyork boston chicago
    dallas texas california florida america england scotland ireland france germany deutschland spain espana italia
    italy brasil brazil mexico portugal poland polska russia canada australia sydney istanbul galatasaray fenerbahce
    besiktas turkiye moscow tokyo
    chocolate cookie cookies cheese banana orange strawberry cherry peaches pumpkin pepper ginger sugar honey coffee
    pizza spaghetti hamburger butter icecream pancake peanut popcorn candy sweet sweetheart sweetie sweetpea cupcake
    purple yellow black blackberry blacky white whitey green greenday silver golden gold rainbow bluebird blue
    flower flowers rosebud roses daisy lily violet sunflower star stars starlight moonlight sunset sunrise moon heaven
    hell devil satan jesus jesuschrist christ godisgood ilovegod jesus1 jehovah faith grace blessed blessing church
    bible allah bismillah
    freedom peace happy happiness smile smiley friend friends family mother father mommy daddy brother sister grandma
    mylove amore amour liebe schatz schatzi teamo teamomucho tequiero corazon hermosa bonita princesa mariposa estrella
    cariño carino amigos alegria felicidade amorzinho doudou chouchou loulou coucou soleil nounours kochanie misiek
    marseille juliette
    money rich lucky luckyone winner champion champions victory power energy thunder lightning storm blizzard tornado
    hurricane fire flame ice snow water ocean river mountain forest desert island beach surfer surfing skater
    skateboard snowboard racing racer ferrari porsche mercedes bmw audi honda yamaha suzuki kawasaki harley
    harleydavidson toyota nissan camaro corvette chevy chevrolet ford dodge jaguar subaru mazda volvo volkswagen
    guitar guitarra bass drummer drums music musica rock rocknroll metal metallica slipknot nirvana blink182 eminem
    tupac beatles elvis acdc ironmaiden linkinpark mychemical greenday marley bobmarley rastafari
    school student teacher college university science chemistry biology history engineer doctor nurse police fireman
    lawyer business company office manager director president service support server network wireless router cisco
    oracle mysql postgres database backup security monitor media mediaserver plex jellyfin kodi emby sonarr radarr
    iptv stream streaming polycast dispatcharr homeserver raspberry raspberrypi ubuntu debian linux synology
    covid corona pandemic quarantine
    cassie casper buster bailey buddy cooper daisy duke harley jake lucky maggie max molly murphy oscar pepper rocky
    sadie sammy scooter shelby sophie toby zeppelin marlboro jordan budweiser cocacola pepsi heineken guinness
    abcdef abcdefg abcdefgh alphabet aaaaaa blahblah blah bubbles boomer booboo bigdaddy bigboy bigdog biteme bonnie
    brooklyn charlotte cowboy crystal cutie cutiepie dakota destiny dexter donald dreams dreamer
    element enigma extreme fantasy fender fisher fishing flyers gateway gibson gizmo gregory gunner hammer hardcore
    haley hollywood hunting illmatic infinity jasper jupiter kristina lacoste legend lollipop lovebug loveless magic
    marine maverick mercury merlin midnight miranda mission monster nascar newlife number1 numberone passion
    patience picasso please pookie poohbear precious private promise raymond redneck remember reggie rooster runner
    saturn scarface scooby scoobydoo serenity sinister skippy slayer snoopy snickers sparky spirit spongebob stalker
    stupid success sucker swordfish teddy teddybear tinkerbell tomcat topgun trinity trouble tweety undertaker vampire
    venom walter warcraft worldofwarcraft counterstrike leagueoflegends callofduty wrestling xanadu yankee zombie
    """.split()  # noqa: SIM905 # a page of words, not a page of quotes
)

ROWS: Final = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "1234567890qwertyuiop",
    "qazwsxedcrfvtgbyhnujm",
    "1qaz2wsx3edc4rfv5tgb",
    "poiuytrewq",
    "lkjhgfdsa",
    "mnbvcxz",
    "147258369",
    "159357",
    "741852963",
)

_LEET: Final = str.maketrans("@40315$7!|", "aaoeisstil")
_UNSHIFT: Final = str.maketrans("!@#$%^&*()", "1234567890")
_TAIL: Final = re.compile(r"(?:\d{0,4}[!.?@#$*_-]{0,3}|[!.?@#$*_-]{1,2}\d{1,4})\Z")
_HEAD: Final = re.compile(r"\A(?:\d{1,4}|[!.?@#$*_-]{1,2})")
_DATE: Final = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(?:19|20)\d\d|[01]\d[0-3]\d(?:19|20)\d\d")


def is_common(password: str) -> bool:
    """Whether `password` is among those that are tried first."""
    text = password.casefold()
    return _is_pattern(text) or any(form in WORDS or _is_repeated_word(form) for form in _forms(text))


def _forms(text: str) -> set[str]:
    """`text` with and without the digits and signs that people put behind or before a word, or in place of letters."""
    bare = _TAIL.sub("", text)
    forms = {text, bare, _HEAD.sub("", bare)}
    return forms | {form.translate(_LEET) for form in forms}


def _is_pattern(text: str) -> bool:
    """Few different characters, walks along the keyboard or the alphabet, a date."""
    if len(set(text)) <= 2 or _DATE.fullmatch(text) or _has_period(text):
        return True
    return _is_walks(text, 3) or _is_walks(text.translate(_UNSHIFT), 3)


def _is_walks(text: str, most: int) -> bool:
    """Whether `text` is at most `most` walks of at least three keys each: `1234qwer`, `zaq12wsx`."""
    if not text:
        return True
    return most > 0 and any(
        _is_walk(text[:size]) and _is_walks(text[size:], most - 1) for size in range(len(text), 2, -1)
    )


def _is_walk(text: str) -> bool:
    return any(text in row or text[::-1] in row for row in ROWS)


def _has_period(text: str) -> bool:
    """Made of one part of at most four characters, again and again: `abcabcabc`, `12341234`."""
    return any(
        len(text) >= 2 * size and text == (text[:size] * len(text))[: len(text)] and len(text) % size == 0
        for size in range(1, 5)
    )


def _is_repeated_word(text: str) -> bool:
    half, odd = divmod(len(text), 2)
    return not odd and text[:half] == text[half:] and text[:half] in WORDS
