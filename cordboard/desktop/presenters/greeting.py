"""What to say first: the queue's greeting standard with its blanks filled. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

DAYPARTS: dict[str, tuple[str, str, str]] = {
    "en": ("morning", "afternoon", "evening"),
    "nl": ("morgen", "middag", "navond"),
    "ru": ("Доброе утро", "Добрый день", "Добрый вечер"),
    "th": ("ตอนเช้า", "ตอนบ่าย", "ตอนเย็น"),
    "zh-hans": ("早上", "下午", "晚上"),
}
"""As they fit into the sentences: "Good {daypart}", "Goede{daypart}" (Goedemorgen, Goedenavond), "{daypart}, ..."."""


SALUTATIONS: dict[str, dict[str, str]] = {
    "mr": {"en": "Mr {name}", "nl": "meneer {name}", "ru": "господин {name}", "th": "คุณ{name}", "zh-hans": "{name}先生"},
    "mrs": {"en": "Mrs {name}", "nl": "mevrouw {name}", "ru": "госпожа {name}", "th": "คุณ{name}", "zh-hans": "{name}女士"},
    "ms": {"en": "Ms {name}", "nl": "mevrouw {name}", "ru": "госпожа {name}", "th": "คุณ{name}", "zh-hans": "{name}女士"},
    "dr": {"en": "Dr {name}", "nl": "dokter {name}", "ru": "доктор {name}", "th": "ดร.{name}", "zh-hans": "{name}博士"},
    "prof": {"en": "Professor {name}", "nl": "professor {name}", "ru": "профессор {name}", "th": "ศ.{name}", "zh-hans": "{name}教授"},
}


def addressed(salutation: str, name: str, language: str, family: str = "") -> str:
    """How a customer is spoken to: "Mrs de Vries", "mevrouw de Vries", "李女士". A salutation of one's own stands before the name as it is. Without a salutation
    the whole name is said: a bare family name is rude."""
    last = family or name
    words = SALUTATIONS.get(salutation.strip(" .").lower())
    if words is not None and last:
        return (words.get(language) or words["en"]).format(name=last)
    return " ".join(part for part in (salutation, last) if part) if salutation else name


def daypart(hour: int, language: str) -> str:
    """Before noon, before six, after."""
    words = DAYPARTS.get(language, DAYPARTS["en"])
    return words[0] if hour < 12 else words[1] if hour < 18 else words[2]


def standard(greetings: Mapping[str, str], language: str) -> tuple[str, str]:
    """(language, sentence): in the wanted language, else in English, else in the first there is; ("", "") when there is none."""
    for code in (language, "en", *greetings):
        if greetings.get(code):
            return code, greetings[code]
    return "", ""


def say(sentence: str, *, customer: str, agent: str, hour: int, language: str) -> str:
    """The sentence with its blanks filled. Where the customer is not known, the sentence closes over the gap."""
    said = sentence.replace("{daypart}", daypart(hour, language)).replace("{agent}", agent).replace("{customer}", customer)
    if not customer:
        said = re.sub(r"\s+([,.!?])", r"\1", said)  # "Good morning , this" -> "Good morning, this"
        said = re.sub(r"[,，]\s*([!！?.])", r"\1", said)  # "Доброе утро, !" -> "Доброе утро!"
        said = re.sub(r"^[\s,，]+", "", said)  # "，早上好！" -> "早上好！"
    said = " ".join(said.split())
    return said[:1].upper() + said[1:]
