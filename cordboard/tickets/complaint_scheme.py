"""What a scheme of complaints says (models_complaint.ComplaintScheme.body), as it begins, and whether one can be kept. Pure.

weights    part -> weight                       reasons, families, segments, harms    code -> value, 0 to 100
floors     harm -> least score                  bands      scores from which on a complaint is medium, high, critical
reason_harm  contact reason -> harm             look_back, contact_days   days in which earlier complaints, contacts count
hours      band -> working hours to completion, where no rule says otherwise
follow     percent of that time after which the department's tracking task is due
measures   [{"code", "names": {language: name}}]
texts      language -> {"subject", "text"} of the message to the customer; {name} {number} {title} {result} {measure} are put in
survey     code of the flow by which satisfaction is asked, survey_days how long its link holds
low        a rating up to this (of 1 to 5) is a low one; again: working hours of the task that it brings
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cordboard.lib.keeping import BadValue
from cordboard.tickets.severity import BANDS, HARMS, PARTS, Scheme

LONGEST_HOURS = 2000
MOST_TEXT = 4000
MOST_MEASURES = 40
PUT_IN = ("name", "number", "title", "result", "measure")
_NAMED = re.compile(r"\{([^{}]*)\}")
_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")

BEGIN: dict[str, Any] = {
    "weights": {"reason": 20, "product": 10, "harm": 30, "value": 15, "repeat": 15, "wording": 10},
    "reasons": {"": 50},
    "families": {"": 50},
    "harms": {"none": 0, "money": 40, "damage": 60, "injury": 90, "safety": 100},
    "floors": {"safety": 80, "injury": 75},
    "segments": {"": 30, "gold": 100, "silver": 60, "bronze": 30, "new": 40},
    "bands": [25, 50, 75],
    "repeat_full": 3,
    "reason_harm": {"product-safety": "safety"},
    "look_back": 365,
    "contact_days": 60,
    "hours": {"low": 80, "medium": 40, "high": 16, "critical": 4},
    "follow": 50,
    "measures": [],
    "texts": {
        "en": {
            "subject": "Your complaint {number}: what we have decided",
            "text": "Dear {name},\n\nYou wrote to us about: {title}.\n\n{result}\n\nIf anything is still not right, answer this message. Your complaint has the number {number}.",
        },
        "nl": {
            "subject": "Uw klacht {number}: ons besluit",
            "text": "Beste {name},\n\nU schreef ons over: {title}.\n\n{result}\n\nKlopt er nog iets niet, beantwoord dan dit bericht. Uw klacht heeft nummer {number}.",
        },
        "ru": {
            "subject": "Ваша жалоба {number}: наше решение",
            "text": "Здравствуйте, {name}!\n\nВы обратились к нам по поводу: {title}.\n\n{result}\n\nЕсли что-то осталось нерешённым, ответьте на это письмо. Номер вашей жалобы — {number}.",
        },
        "th": {
            "subject": "เรื่องร้องเรียนเลขที่ {number} ของคุณ: ผลการพิจารณา",
            "text": "เรียนคุณ {name}\n\nคุณแจ้งเรื่อง: {title}\n\n{result}\n\nหากยังมีสิ่งใดไม่เรียบร้อย โปรดตอบกลับข้อความนี้ เลขที่เรื่องร้องเรียนของคุณคือ {number}",
        },
        "zh-hans": {
            "subject": "您的投诉 {number}：处理结果",
            "text": "{name}，您好：\n\n您向我们反映了：{title}。\n\n{result}\n\n如果还有不妥之处，请回复此邮件。您的投诉编号是 {number}。",
        },
    },
    "survey": "",
    "survey_days": 14,
    "low": 2,
    "again": 8,
}
"""Of a centre whose managers have set nothing yet. The texts go to customers, so they are no screen text: managers change them."""


def filled(body: Mapping[str, Any] | None) -> dict[str, Any]:
    """A body with what it leaves out as it begins: versions of an older program lack newer keys."""
    return {**BEGIN, **(body or {})}


def scheme(body: Mapping[str, Any]) -> Scheme:
    one = filled(body)
    low, middle, high = one["bands"]
    return Scheme(
        weights=one["weights"], reasons=one["reasons"], families=one["families"], harms=one["harms"], segments=one["segments"], bands=(low, middle, high),
        floors=one["floors"], repeat_full=one["repeat_full"],
    )  # fmt: skip


def put_in(text: str, values: Mapping[str, str]) -> str:
    """The names in braces replaced; anything else in braces stays as it stands."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)


def checked(body: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """The body, if it can be kept. Raises BadValue with `words` (by code: weights, percent, bands, hours, texts, named, measures, low, number)."""

    def whole(field: str, value: Any, least: int, most: int, code: str = "number") -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadValue(field, words[code])
        return value

    one = filled(body)
    if set(one["weights"]) != set(PARTS) or sum(whole("weights", weight, 0, 100, "percent") for weight in one["weights"].values()) <= 0:
        raise BadValue("weights", words["weights"])
    for name in ("reasons", "families", "harms", "segments", "floors"):
        for value in one[name].values():
            whole(name, value, 0, 100, "percent")
    if not {*one["floors"], *one["harms"], *one["reason_harm"].values()} <= set(HARMS):
        raise BadValue("harms", words["number"])
    bands = [whole("bands", value, 1, 100, "bands") for value in one["bands"]]
    if len(bands) != 3 or sorted(set(bands)) != bands:
        raise BadValue("bands", words["bands"])
    if set(one["hours"]) != set(BANDS):
        raise BadValue("hours", words["hours"])
    for value in one["hours"].values():
        whole("hours", value, 1, LONGEST_HOURS, "hours")
    whole("follow", one["follow"], 1, 100, "percent")
    whole("repeat_full", one["repeat_full"], 1, 50)
    for name, most in (("look_back", 3650), ("contact_days", 365), ("survey_days", 365), ("again", LONGEST_HOURS)):
        whole(name, one[name], 1, most)
    whole("low", one["low"], 0, 4, "low")
    _texts(one["texts"], words)
    _measures(one["measures"], words)
    return one


def _texts(texts: Mapping[str, Mapping[str, str]], words: Mapping[str, str]) -> None:
    if not str(texts.get("en", {}).get("text", "")).strip():
        raise BadValue("texts", words["texts"])
    for language, text in texts.items():
        subject, body = str(text.get("subject", "")), str(text.get("text", ""))
        if bool(subject.strip()) != bool(body.strip()) or len(subject) > 200 or len(body) > MOST_TEXT:
            raise BadValue(f"texts.{language}", words["texts"])
        if body.strip() and "{result}" not in body:
            raise BadValue(f"texts.{language}", words["result"])
        for name in (*_NAMED.findall(subject), *_NAMED.findall(body)):
            if name not in PUT_IN:
                raise BadValue(f"texts.{language}", words["named"] % {"name": name})


def _measures(measures: Any, words: Mapping[str, str]) -> None:
    if len(measures) > MOST_MEASURES:
        raise BadValue("measures", words["measures"])
    codes = [str(one.get("code", "")) for one in measures]
    if len(set(codes)) != len(codes):
        raise BadValue("measures", words["measures"])
    for one in measures:
        if not _CODE.fullmatch(str(one.get("code", ""))) or not str(one.get("names", {}).get("en", "")).strip():
            raise BadValue("measures", words["measures"])
