"""The language of a text: by its script where that tells, else by small words and by letters that stand together. Made for short texts: "waar blijft mijn pakket".

Known: en, nl, ru, th, zh-hans, and of others enough to say that it is none of these: de, fr, es, uk, ja, ko, ar, el, he. Pure; reads the first LONGEST signs.
"""

from __future__ import annotations

import re
from collections import Counter

from cordboard.knowledge.analysis.registry import BUILT_IN, Found, offer

LONGEST = 4_000
ENOUGH = 2.0
"""Points from which on a guess is not weakened any more: one small word."""

_SCRIPTS = (
    ("th", 0x0E00, 0x0E7F),
    ("han", 0x3400, 0x4DBF),
    ("han", 0x4E00, 0x9FFF),
    ("kana", 0x3040, 0x30FF),
    ("ko", 0x1100, 0x11FF),
    ("ko", 0xAC00, 0xD7AF),
    ("cyrillic", 0x0400, 0x052F),
    ("ar", 0x0600, 0x06FF),
    ("el", 0x0370, 0x03FF),
    ("he", 0x0590, 0x05FF),
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        """
        a about after again all am an and any are as at back be because been before but by call can can't come could days did didn't do does doesn't
        don't for from get got had has have hello help hi how i i'm i've if in is isn't it it's its just like long me money month more much must my
        need never new no not now of off on one or order our out over parcel please so some still than thank thanks that the their them then there
        they this time to today tomorrow too two up us very waiting want was wasn't we week were what when where which who why will with won't work
        works working would year yes yesterday you your delivery broken machine refund received arrived customer service
        """.split()  # noqa: SIM905 - words to read, not a list to format
    ),
    "nl": frozenset(
        """
        aan al als altijd alleen ben bent bestelling bezorgd bij blijft dag dagen dan dank dat de deze die dit doe doet door drie dus een één en er
        gaat gaan geen geld geleden goed haar had heb hebben heeft heel het hij hoe hoi hun ik in is ja je jij jullie kan kapot klant kom komt
        kunnen kunt laat leuk maar maak maand maanden me meer mee met mij mijn moet mogen na naar nee niet niets nieuwe nog nooit nu of om onder ons
        onze ook op over pakket retour rekening sinds slecht te terug tot twee u uit uw van vandaag gisteren morgen veel vind voor waar waarom wacht
        wachten wanneer was wat we week weken weer wel werkt wie wil wij willen word wordt zeer zich zij zijn zo zonder waren graag bedankt geleverd
        storing ontvangen vaatwasser wasmachine koelkast
        """.split()  # noqa: SIM905 - words to read, not a list to format
    ),
    "de": frozenset(
        """
        aber als am auch auf aus bei bin bis bitte das dass dem den der des die dies doch du ein eine einen er es für habe haben hat ich ihr im ist
        ja kann kein keine können mein meine mich mir mit nach nicht nichts noch nur oder schon seit sehr sich sie sind so über um und uns vom von
        vor wann war warum was wenn werden wie wir wird wo zu zum zur danke heute gestern geld lieferung
        """.split()  # noqa: SIM905 - words to read, not a list to format
    ),
    "fr": frozenset(
        """
        au aux avec bonjour ça ce cette ces comme dans de depuis des du elle en est et été être faire il ils j'ai je la le les leur ma mais me merci
        mes moi mon ne nous on ou où par pas plus pour pourquoi quand que qui sa sans se si son sont sur très tu un une vos votre vous
        """.split()  # noqa: SIM905 - words to read, not a list to format
    ),
    "es": frozenset(
        """
        al como con cuando de del desde dónde donde el ella en es esta está este estoy favor gracias ha hace hasta hay he hola la las le lo los más
        me mi mis muy no nos para pero por porque qué que se si sí sin sobre son su sus también te tengo todo tu un una ya yo pedido
        """.split()  # noqa: SIM905 - words to read, not a list to format
    ),
}
_PARTS: dict[str, tuple[str, ...]] = {
    "en": ("th", "wh", "ght", "ing", "tion", "ould", "sh", "ck", "ea", "ly", "'t", "'s", "ay", "ow"),
    "nl": ("ij", "aa", "uu", "oe", "ui", "cht", "sch", "eeu", "ieu", "nk", "gk", "tj", "zij", "oor", "ee", "lijk", "heid", "ver", "gel", "oo"),
    "de": ("sch", "ä", "ö", "ü", "ß", "ung", "eit", "ich", "ein", "tz", "pf"),
    "fr": ("é", "è", "ê", "ç", "à", "ù", "eau", "oux", "aux", "qu", "oi", "ez", "eur"),
    "es": ("ñ", "¿", "¡", "ó", "í", "á", "ción", "ll", "rr", "que", "do"),
}
_UKRAINIAN = frozenset("іїєґІЇЄҐ")


def language(text: str) -> Found | None:
    """The language, or None when nothing tells it: no letters, or words that no language here has."""
    text = text[:LONGEST]
    scripts = _scripts(text)
    if not scripts:
        return None
    # A Latin brand name in a Chinese or Thai sentence is longer than the sentence; one sign of these stands for a word or half of one.
    weighted = {script: count * (3 if script in ("han", "th", "kana", "ko") else 1) for script, count in scripts.items()}
    name, most = max(weighted.items(), key=lambda one: (one[1], one[0]))
    share = most / sum(weighted.values())
    match name:
        case "kana":
            return Found("ja", share)
        case "han":
            return Found("ja", share) if scripts.get("kana", 0) * 4 > scripts["han"] else Found("zh-hans", share)
        case "cyrillic":
            return Found("uk", share) if sum(sign in _UKRAINIAN for sign in text) * 25 >= most else Found("ru", share)
        case "latin":
            return _latin(text, share)
    return Found(name, share)


def _scripts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for sign in text:
        if not sign.isalpha() and not ("\u0e00" <= sign <= "\u0e7f"):
            continue
        code = ord(sign)
        if code < 0x0250:
            found["latin"] += 1
            continue
        for name, low, high in _SCRIPTS:
            if low <= code <= high:
                found[name] += 1
                break
        else:
            found["other"] += 1
    found.pop("other", None)
    return found


def _latin(text: str, share: float) -> Found | None:
    words = _WORD.findall(text.casefold().replace("’", "'"))
    scores: dict[str, float] = {}
    for name, known in _WORDS.items():
        hits = sum(word in known for word in words)
        parts = sum(part in word for word in words for part in _PARTS[name])
        scores[name] = hits * 2.0 + parts * 0.6
    best, second = sorted(scores.items(), key=lambda one: -one[1])[:2]
    if best[1] <= second[1]:
        return None
    enough = min(1.0, best[1] / ENOUGH)  # two letters that stand together are no proof
    return Found(best[0], share * enough * best[1] / (best[1] + second[1]))


offer("language", BUILT_IN, language)
