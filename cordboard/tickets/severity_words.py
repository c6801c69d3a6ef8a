"""Which harm a text tells of, by words in the five languages. Pure; beginnings of words where a language has spaces, anywhere in the text where it has none.

A suggestion only: the score says which word it was, and who reads the complaint may set another harm.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST = 20_000
SPACELESS = ("th", "zh-hans")

WORDS: dict[str, dict[str, str]] = {
    "injury": {
        "en": "injur* burnt burned hospital wound* bleeding bruise* hurt electrocut*",
        "nl": "gewond* verwond* verbrand* ziekenhuis bloed* letsel gekneusd pijn",
        "ru": "травм* ожог* обжёг* обжег* больниц* ранен* поранил* кров*",
        "th": "บาดเจ็บ โรงพยาบาล เลือด ไหม้มือ ถูกลวก แผล",
        "zh-hans": "受伤 烫伤 烧伤 医院 流血 伤口",
    },
    "safety": {
        "en": "smoke* smoking fire flame* spark* explo* shock* electric-shock gas",
        "nl": "rook* rookte brand brandlucht vlam* vonk* ontplof* schok* stroomstoot gas",
        "ru": "дым* пожар* горит загорел* искр* взорв* взрыв* удар-током ударило",
        "th": "ควัน ไฟไหม้ ไฟลุก ประกายไฟ ระเบิด ไฟดูด ไฟรั่ว",
        "zh-hans": "冒烟 着火 起火 火花 爆炸 触电 漏电",
    },
    "damage": {
        "en": "damage* flood* leak* ruined broke broken scratch* torn",
        "nl": "schade beschadig* overstrom* lekt lekte lekkage vernield kapot gescheurd kras*",
        "ru": "поврежд* повреди* залил* затопи* протека* протек* испорт* слома* порва*",
        "th": "เสียหาย น้ำท่วม น้ำรั่ว พัง ขาด รอยขีดข่วน",
        "zh-hans": "损坏 淹 漏水 毁 弄坏 划痕",
    },
    "money": {
        "en": "refund* overcharged charged invoice* twice-paid money paid cost* compensat*",
        "nl": "terugbetal* geld factuur dubbel betaald kosten vergoed* afgeschreven",
        "ru": "деньг* верните возврат* списал* счёт счет оплатил* компенс* стоим*",
        "th": "คืนเงิน เงิน ใบแจ้งหนี้ ค่าใช้จ่าย ชดเชย เก็บเงินเกิน",
        "zh-hans": "退款 钱 多收 发票 赔偿 费用",
    },
}
"""From the worst to the least, as looked for; a star ends the beginning of a word."""
ORDER = ("safety", "injury", "damage", "money")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@cache
def _lists(harm: str, language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    words = WORDS[harm][language].split()
    return frozenset(word for word in words if not word.endswith("*")), tuple(word[:-1] for word in words if word.endswith("*"))


def harm_in(text: str, language: str) -> tuple[str, str]:
    """(harm, the word that tells of it); ("none", "") where no word does, or the language is not known here."""
    if language not in WORDS["money"]:
        return "none", ""
    text = text[:LONGEST].casefold()
    words = [] if language in SPACELESS else _WORD.findall(text)
    for harm in ORDER:
        whole, begins = _lists(harm, language)
        if language in SPACELESS:
            word = next((one for one in WORDS[harm][language].split() if one in text), "")
        else:
            word = next((one for one in words if one in whole or one.startswith(begins)), "") if begins else next((one for one in words if one in whole), "")
        if word:
            return harm, word
    return "none", ""
