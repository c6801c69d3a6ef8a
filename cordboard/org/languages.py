"""The five languages of the product: codes as Django, HTML and our records write them."""

from __future__ import annotations

from collections.abc import Iterable

LANGUAGES = ("en", "nl", "ru", "th", "zh-hans")
OWN_NAMES = {"en": "English", "nl": "Nederlands", "ru": "Русский", "th": "ไทย", "zh-hans": "简体中文"}


def html_lang(code: str) -> str:
    """The BCP 47 tag that fonts and screen readers go by."""
    return "zh-Hans" if code == "zh-hans" else code


def best(wanted: Iterable[str], default: str = "en") -> str:
    """The first of `wanted` that we speak; "zh-CN" and "zh" are zh-hans, "nl-BE" is nl."""
    for code in wanted:
        lower = code.lower().replace("_", "-")
        if lower in LANGUAGES:
            return lower
        head = lower.split("-")[0]
        if head == "zh":
            return "zh-hans"
        if head in LANGUAGES:
            return head
    return default
