"""What people write, as plain text: HTML of others is taken down to its words, so that nothing of it can run or load. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 100_000
"""Characters of one message."""
_SKIP = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "embed", "svg", "math"}
_VOID = {"embed"}
_BREAK = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "section", "article"}
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
_MENTION = re.compile(r"(?<![A-Za-z0-9_@./+-])@(\w[\w.+-]{0,148}\w|\w)")
_ASCII = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.+-]*[A-Za-z0-9_])?")


def clean(text: str) -> str:
    """Without signs that nobody sees (controls, overrides of direction), lines ended alike, nothing at its ends, at most LONGEST characters."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()[:LONGEST].rstrip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipped: list[str] = []
        self.address = ""
        self.linked = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIP and tag not in _VOID:
            self.skipped.append(tag)
        elif tag in _BREAK:
            self.parts.append("\n")
            if tag == "li":
                self.parts.append("- ")
        elif tag == "a":
            self.address, self.linked = dict(attrs).get("href") or "", len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and tag in self.skipped:
            del self.skipped[len(self.skipped) - 1 - self.skipped[::-1].index(tag) :]
        elif tag in _BREAK and tag != "br":
            self.parts.append("\n")
        elif tag == "a" and self.address.startswith(("http://", "https://")):
            words = "".join(self.parts[self.linked :]).strip()
            if words and words.rstrip("/") != self.address.rstrip("/"):
                self.parts.append(f" ({self.address})")
            self.address = ""

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.parts.append(re.sub(r"\s+", " ", data))


def of_html(html: str) -> str:
    """The words of a piece of HTML, in lines; where a link says something else than its address, the address after it."""
    reader = _Words()
    reader.feed(html[: LONGEST * 10])
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return clean(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)))


def mentions(text: str) -> list[str]:
    """What may be a name after an @, each once, in small letters. Where words are written without spaces ("请@emma看看") the name ends with its script: both are given, and
    who knows the names says which is one."""
    found: list[str] = []
    for name in _MENTION.findall(text):
        begun = _ASCII.match(name)
        found += [name.lower(), *([begun[0].lower()] if begun is not None and begun[0] != name else [])]
    return list(dict.fromkeys(found))
