"""What customers hear who are sent to key a card number in the middle of a talk, as a flow of one question. Pure."""

from __future__ import annotations

from typing import Any

ASK = {
    "en": "Key your card number, and then hash. Star takes back what you keyed. Nobody hears you meanwhile, and nothing is recorded.",
    "nl": "Toets uw kaartnummer, en daarna hekje. Met sterretje begint u opnieuw. Niemand hoort u intussen, en er wordt niets opgenomen.",
    "ru": "Наберите номер карты и нажмите решётку. Звёздочка стирает набранное. Вас сейчас никто не слышит, и запись не ведётся.",
    "th": "กรุณากดหมายเลขบัตรของท่าน แล้วตามด้วยเครื่องหมายสี่เหลี่ยม กดดอกจันเพื่อเริ่มใหม่ ระหว่างนี้ไม่มีผู้ใดได้ยินท่าน และไม่มีการบันทึกเสียง",
    "zh-hans": "请输入您的银行卡号，并以井号键结束。按星号键可重新输入。此时没有人能听到您，也不会录音。",
}
WRONG = {
    "en": "That is no card number.",
    "nl": "Dat is geen kaartnummer.",
    "ru": "Это не номер карты.",
    "th": "หมายเลขบัตรไม่ถูกต้อง",
    "zh-hans": "这不是有效的银行卡号。",
}

GRAPH: dict[str, Any] = {
    "schema": 1,
    "code": "card_in_talk",
    "languages": ["en", "nl", "ru", "th", "zh-hans"],
    "start": "card",
    "person_key": "0",
    "person": "person",
    "on_error": "person",
    "variables": {},
    "steps": {
        "card": {
            "type": "collect_secret",
            "use": "card_check",
            "texts": ASK,
            "wrong": WRONG,
            "min": 12,
            "max": 19,
            "tries": 3,
            "next": "end",
            "give_up": "end",
        },
        "end": {"type": "end"},
        "person": {"type": "hand_over"},
    },
}
