"""The words of a text as the index keeps them, by language: stems of English, Dutch and Russian, words of Thai and Chinese, error codes whole.

Pure: a function of the text and the language; the dictionaries are part of the program. Each run of a script is read by its own rules
whatever the language, so that a Thai note with "Wi-Fi" or a Dutch one with "Москва" loses nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nlpo3
import rjieba
import Stemmer

LONGEST_TEXT = 20_000
"""Signs of a text that are read; a note is shorter, an e-mail with all it quotes may not be."""
LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    """as the index keeps it"""
    start: int
    end: int
    """where it stands in the text: text[start:end]"""
    code: bool = False
    """an error or type code such as E18, F4, W8: it says more than any word"""


_STEMMERS = {"en": "english", "nl": "dutch_porter", "ru": "russian"}
_THAI = "cordboard"

# Fullwidth signs become plain ones of the same length, so that places in the text stay true.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, ord("’"): ord("'"), ord("‘"): ord("'")}
# Cyrillic letters that look like Latin ones: on a Russian keyboard E18 begins with another E.
_ALIKE = str.maketrans("АВЕКМНОРСТХавекмнорстх", "ABEKMHOPCTXabekmhopctx")

_RUN = re.compile(
    r"(?P<thai>[\u0e00-\u0e7f]+)"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\u3005]+)"
    r"|(?P<code>(?<![^\W_])(?:[A-Za-zАВЕКМНОРСТХ]{1,2}[-–]?\d{1,3}|[A-ZАВЕКМНОРСТХ] \d{1,3})(?![^\W_]))"
    r"|(?P<word>[^\W_\u0e00-\u0e7f\u3400-\u4dbf\u4e00-\u9fff]+(?:'[^\W_\u0e00-\u0e7f\u3400-\u4dbf\u4e00-\u9fff]+)*)"
)
# A code right after Thai or Chinese signs has no boundary on its left: "显示E18".
_CODE_AFTER = re.compile(r"[A-Za-z]{1,2}[-–]?\d{1,3}")


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMERS.get(language, "english"))


@cache
def _thai_dictionary() -> str:
    message, good = nlpo3.load_dict(str(Path(__file__).parent / "data" / "words_th.txt"), _THAI)
    if not good:
        raise RuntimeError(message)
    return _THAI


def analyse(text: str, language: str) -> list[Token]:
    """The tokens of a text in `language` (en, nl, ru, th, zh-hans), in order, stop words left out."""
    stop = STOP.get(language, frozenset())
    return [token for token in _tokens(text[:LONGEST_TEXT], language) if token.code or token.word not in stop]


def words(text: str, language: str) -> list[str]:
    """As `analyse`, the words alone."""
    return [token.word for token in analyse(text, language)]


def _tokens(text: str, language: str) -> Iterator[Token]:
    text = text.translate(_WIDE)
    for run in _RUN.finditer(text):
        piece, start = run.group(), run.start()
        match run.lastgroup:
            case "thai":
                yield from _thai(piece, start)
            case "han":
                yield from _han(piece, start)
            case "code":
                yield _code(piece, start)
            case _:
                if _CODE_AFTER.fullmatch(piece):
                    yield _code(piece, start)
                else:
                    yield Token(_stem(piece, language), start, start + len(piece))


def _code(piece: str, start: int) -> Token:
    plain = "".join(sign for sign in piece.translate(_ALIKE) if sign.isalnum()).lower()
    return Token(plain, start, start + len(piece), code=True)


def _stem(piece: str, language: str) -> str:
    word = unicodedata.normalize("NFC", piece).casefold().replace("ё", "е")
    if "\u0400" <= word[0] <= "\u04ff":
        return str(_stemmer("ru").stemWord(word))[:LONGEST_WORD]
    # NFC keeps é one sign; the index has words without accents, since notes are typed in haste
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    if language == "nl" and len(plain) > 5 and plain.endswith("es"):
        plain = plain[:-1]  # the stemmer keeps the s of "machines", so that it would not meet "machine"
    return str(_stemmer("nl" if language == "nl" else "en").stemWord(plain))[:LONGEST_WORD] or word[:LONGEST_WORD]


def _thai(piece: str, start: int) -> Iterator[Token]:
    place = start
    for word in nlpo3.segment(piece, _thai_dictionary(), safe=True):
        if len(word) > 1 or word.isdigit():
            yield Token(word[:LONGEST_WORD], place, place + len(word))
        place += len(word)


def _han(piece: str, start: int) -> Iterator[Token]:
    # search mode gives long words and the shorter ones in them: 洗衣机 is found by 洗衣 too
    for word, low, high in rjieba.tokenize(piece, mode="search"):
        yield Token(word[:LONGEST_WORD], start + low, start + high)


def _stop(language: str, text: str) -> frozenset[str]:
    return frozenset(_stem(word, language) if language in _STEMMERS else word for word in text.split())


STOP: dict[str, frozenset[str]] = {
    "en": _stop(
        "en",
        "a an and are as at be been but by can could did do does for from had has have he her here his i if in into is it its just me my no not "
        "of off on or our out she so than that the their them then there these they this to too up was we were what when which who will with "
        "would you your after again all also am any because before being both each how more most now only other over same some such very says said "
        "doesn't don't didn't isn't wasn't won't can't it's i'm i've there's that's",
    ),
    "nl": _stop(
        "nl",
        "aan al alles als altijd ben bij daar dan dat de der deze die dit doen door dus een en er ge geen had hebben heb heeft hem het hij hoe hun ik "
        "in is ja je kan kon maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch "
        "toen tot u uit uw van veel voor want waren was wat we wel werd wie wij wil wordt zal ze zei zelf zich zij zijn zo zonder zou",
    ),
    "ru": _stop(
        "ru",
        "а без бы был была были было быть в вам вас весь во вот все всего вы где да для до его ее ей ему если есть еще же за и из или им их к как "
        "ко когда кто ли либо мне мы на над не нет ни но ну о об он она они оно от по под при с со так такой там то того тоже только ты у уже "
        "хотя чего чем что чтобы это этот я мой меня нас наш",
    ),
    "th": _stop(
        "th",
        "และ หรือ ที่ ซึ่ง อัน ของ ใน บน ให้ ได้ ไม่ เป็น คือ มี จะ ก็ กับ แต่ ว่า นี้ นั้น แล้ว อยู่ ไป มา จาก ด้วย โดย เพื่อ ถ้า เมื่อ ค่ะ ครับ คะ นะ ผม ฉัน ดิฉัน เรา เขา มัน ยัง อีก กัน "
        "การ ความ ต้อง ควร เลย ทุก แค่ ๆ หลัง ก่อน ขึ้น",
    ),
    "zh-hans": _stop(
        "zh-hans",
        "的 了 是 在 我 有 和 就 不 人 都 一 一个 上 也 很 到 说 要 去 你 会 着 没有 看 好 自己 这 那 他 她 它 们 我们 你们 与 及 或 但 而 被 把 让 给 吗 呢 吧 请 还 又 里 后 时 个 中 为 从",
    ),
}
