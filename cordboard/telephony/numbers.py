"""Which numbers may be dialled: pure. Whoever dials (agents, transfers, callbacks) asks here first; the trunk is never asked to be the judge."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType


class Why(StrEnum):
    """Why a number is not dialled."""

    NO_NUMBER = "no_number"  # nothing that could be called
    EMERGENCY = "emergency"  # 112 and its like: a centre's caller id would bring help to the wrong door
    PREMIUM = "premium"  # somebody earns by our calling
    SATELLITE = "satellite"  # international networks and satellites: dear, and of no country
    REFUSED = "refused"  # begins as the rules refuse
    NOT_ALLOWED = "not_allowed"  # begins as nothing that the rules allow


@dataclass(frozen=True, slots=True)
class Rules:
    """`allowed` and `refused` are beginnings of numbers in E.164 ("+31", "+31900"); no `allowed` at all allows the world. The longest beginning that fits
    decides, and a refusal before an allowance of the same length. `premium`: premium-rate and shared-cost numbers may be dialled too."""

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    premium: bool = False

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Rules:
        """What a policy's parameters say under "numbers": `{"allowed": ["+31", "+44"], "refused": ["+882"], "premium": false}`."""
        given = parameters.get("numbers")
        given = given if isinstance(given, Mapping) else {}

        def texts(name: str) -> tuple[str, ...]:
            value = given.get(name)
            return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()

        return cls(texts("allowed"), texts("refused"), given.get("premium") is True)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`number` in E.164 when it may be dialled, else "" and `why`."""

    number: str = ""
    why: Why | None = None

    @property
    def allowed(self) -> bool:
        return self.why is None


_DEAR = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}
_NO_COUNTRY = "001"
"""The region of codes that belong to no country: satellites, international networks (ITU-T E.164, 87x, 88x)."""


def judge(given: str, region: str, rules: Rules = Rules()) -> Verdict:
    """Whether `given`, written in any way and read as of `region` (ISO 3166, "NL"), may be dialled."""
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        return Verdict(why=Why.NO_NUMBER)
    region = region.upper()
    digits = "".join(sign for sign in text if sign.isdigit())
    if region and phonenumbers.connects_to_emergency_number(digits, region):
        return Verdict(why=Why.EMERGENCY)
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException:
        return Verdict(why=Why.NO_NUMBER)
    national, code = phonenumbers.national_significant_number(number), number.country_code or 0
    for home in phonenumbers.region_codes_for_country_code(code):
        if home != _NO_COUNTRY and phonenumbers.is_emergency_number(national, home):  # +31 112
            return Verdict(why=Why.EMERGENCY)
    if not phonenumbers.is_possible_number(number):
        return Verdict(why=Why.NO_NUMBER)
    e164 = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    allowed, refused = _longest(e164, rules.allowed), _longest(e164, rules.refused)
    if refused and len(refused) >= len(allowed):
        return Verdict(why=Why.REFUSED)
    if rules.allowed and not allowed:
        return Verdict(why=Why.NOT_ALLOWED)
    if phonenumbers.number_type(number) in _DEAR and not rules.premium:
        return Verdict(why=Why.PREMIUM)
    if not allowed and phonenumbers.region_code_for_country_code(code) == _NO_COUNTRY and code != 800:
        return Verdict(why=Why.SATELLITE)
    return Verdict(e164)


def _longest(number: str, beginnings: tuple[str, ...]) -> str:
    return max((one for one in beginnings if one and number.startswith(one)), key=len, default="")
