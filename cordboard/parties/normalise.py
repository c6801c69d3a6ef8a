"""One form for what people write in many: telephone numbers, e-mail addresses, social handles, names.

Pure: what comes out depends on the arguments alone. Nothing is asked of the network.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat


class NotNormal(ValueError):
    """What was given is no telephone number, address or handle. `reason` is one word: empty, phone, email, social."""

    def __init__(self, reason: str, given: str) -> None:
        super().__init__(f"{reason}: {given!r}")
        self.reason = reason
        self.given = given


def phone(given: str, region: str) -> str:
    """E.164 ("+31205550123") of a number written in any way, national numbers read as of `region` (ISO 3166, "NL"). Raises NotNormal.

    A number of a possible length is enough: ranges kept free for films and tests are not assigned, and neither are
    tomorrow's new ranges in today's tables."""
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        raise NotNormal("empty", given)
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, region.upper() or None)
    except NumberParseException:
        raise NotNormal("phone", given) from None
    if not phonenumbers.is_possible_number(number):
        raise NotNormal("phone", given)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def phone_or_none(given: str, region: str) -> str | None:
    """As `phone`, with None for what is no number: "anonymous", an extension such as "100", nothing at all."""
    try:
        return phone(given, region)
    except NotNormal:
        return None


def phone_country(e164: str) -> str:
    """The country of a number in E.164 ("NL"), or "" where it belongs to none or to several."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164, None)) or ""
    except NumberParseException:
        return ""


def phone_shown(e164: str, country: str = "") -> str:
    """The number as people write it: international, or national where it is of the reader's own `country`."""
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    own = bool(country) and phonenumbers.country_code_for_region(country.upper()) == number.country_code
    return str(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if own else PhoneNumberFormat.INTERNATIONAL))


def email(given: str) -> str:
    """Lower-cased address with its domain in IDNA ("иван@xn--80a1acny.xn--p1ai"). Raises NotNormal. No DNS is asked."""
    text = given.strip()
    if text.lower().startswith("mailto:"):
        text = text[7:]
    if not text:
        raise NotNormal("empty", given)
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise NotNormal("email", given) from None
    # RFC 5321 lets the local part differ by case; no provider in use does, and people type it in any case.
    local = unicodedata.normalize("NFC", found.local_part).lower()
    return f"{local}@{found.ascii_domain.lower()}"


_SITES = {
    "facebook": ("facebook.com", "fb.com", "m.facebook.com"),
    "instagram": ("instagram.com",),
    "telegram": ("t.me", "telegram.me"),
    "vk": ("vk.com",),
    "line": ("line.me",),
    "wechat": ("wechat.com",),
    "whatsapp": ("wa.me",),
    "x": ("x.com", "twitter.com"),
}
_SITE_OF = {host: site for site, hosts in _SITES.items() for host in hosts}
_HANDLE = re.compile(r"[^\s/@:?#]{1,100}")


def social(given: str, site: str = "") -> str:
    """ "site:handle" of a handle ("@Noor", with `site`), of "site:handle", or of the address of a profile. Raises NotNormal."""
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        raise NotNormal("empty", given)
    address = re.fullmatch(r"(?:https?://)?(?:www\.)?([a-z0-9.-]+\.[a-z]+)/(?:@)?([^/?#]+)/?(?:[?#].*)?", text, re.IGNORECASE)
    if address and address[1].lower() in _SITE_OF:
        site, text = _SITE_OF[address[1].lower()], address[2]
    elif ":" in text and text.split(":", 1)[0].lower() in _SITES:
        site, text = text.split(":", 1)
    handle = text.strip().lstrip("@").casefold()
    site = site.strip().lower()
    if not site or not _HANDLE.fullmatch(handle):
        raise NotNormal("social", given)
    return f"{site}:{handle}"


def contact_point(kind: str, given: str, region: str = "") -> str:
    """The value by which a contact point of `kind` (phone, email, social) is kept and found. Raises NotNormal."""
    match kind:
        case "phone":
            return phone(given, region)
        case "email":
            return email(given)
        case "social":
            return social(given)
    raise NotNormal(kind, given)


def customer_number(given: str) -> str:
    """The digits alone: "4471 0938" and "44710938#" are one number."""
    return "".join(str(unicodedata.digit(sign)) for sign in given if sign.isdigit() and unicodedata.digit(sign, -1) >= 0)


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ĳ": "ij", "ŉ": "n"})
_DROPPED = re.compile("['’ʼ`´.]")


def fold(text: str) -> str:
    """The form in which names and places are compared: lower case, accents and punctuation gone, single spaces.

    Only marks that sit on Latin, Greek and Cyrillic letters go (U+0300 to U+036F); vowels and tones of Thai are letters of the
    name and stay, as do all signs of Chinese. "O’Brien-Çelik" gives "obrien celik", "Фёдор" gives "федор"."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")
    plain = _DROPPED.sub("", unicodedata.normalize("NFC", plain).translate(_LETTERS))
    return " ".join("".join(sign if _belongs(sign) else " " for sign in plain).split())


def _belongs(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign) in ("Mn", "Mc")


def words(text: str, longest: int = 40) -> list[str]:
    """The words of a folded name or place under which it is found, in order, each once.

    Chinese is written without spaces, so "李伟" is found by "伟" as well: every tail of a run of Han counts as a word."""
    found: dict[str, None] = {}
    for word in fold(text).split():
        found[word[:longest]] = None
        if any(_han(sign) for sign in word):
            for start in range(1, min(len(word), 8)):
                found[word[start:][:longest]] = None
    return list(found)


def _han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf"
