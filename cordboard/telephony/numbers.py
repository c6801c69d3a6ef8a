"""Which numbers may be dialled: pure. Whoever dials (agents, transfers, callbacks) asks here first; the trunk is never asked to be the judge."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
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
    ABROAD = "abroad"  # of another country than ours
    SPENT = "spent"  # the minutes of the day are used up


class By(StrEnum):
    """Whose rules say no."""

    CENTRE = "centre"
    UNIT = "unit"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Rules:
    """`allowed` and `refused` are beginnings of numbers in E.164 ("+31", "+31900"); no `allowed` at all allows the world. The longest beginning that fits
    decides, and a refusal before an allowance of the same length. `premium`: premium-rate and shared-cost numbers may be dialled too. `abroad`: numbers of
    other countries than `home` (ISO 3166; none: where whoever dials is) may be; one that `allowed` names may be in any case. `minutes` a day are what all calls
    out together may last, None for any."""

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    premium: bool = False
    abroad: bool = True
    home: tuple[str, ...] = ()
    minutes: float | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Rules:
        """What a policy's parameters say under "numbers": `{"allowed": ["+31", "+44"], "refused": ["+882"], "premium": false, "abroad": true, "home": ["NL"],
        "minutes": 600}`."""
        return cls().but(parameters.get("numbers"))

    def but(self, given: Any) -> Rules:
        """As `given` says (see :meth:`of`), and as these where it says nothing, or nothing that is right."""
        given = given if isinstance(given, Mapping) else {}

        def texts(name: str) -> tuple[str, ...]:
            value = given.get(name)
            return tuple(str(one) for one in (value if isinstance(value, list | tuple) else getattr(self, name)))

        def flag(name: str) -> bool:
            value = given.get(name)
            return value if isinstance(value, bool) else bool(getattr(self, name))

        minutes = given.get("minutes")
        right = isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes >= 0
        return Rules(
            texts("allowed"), texts("refused"), flag("premium"), flag("abroad"), tuple(one.upper() for one in texts("home")),
            float(minutes) if right else self.minutes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What the centre dials, and who in it may dial less: `units` and `roles` by code. A unit's rules hold for all of its people. What one of a person's roles
    may dial, the person may: who has a role without rules is limited by none. What neither says is as the centre says; more than the centre nobody may."""

    centre: Rules = Rules()
    units: Mapping[str, Rules] = field(default_factory=dict)
    roles: Mapping[str, Rules] = field(default_factory=dict)

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Limits:
        """What a policy's parameters say: `{"numbers": {...}, "units": {"service": {"numbers": {...}}}, "roles": {"agent": {"numbers": {...}}}}`."""
        centre = Rules.of(parameters)

        def lines(name: str) -> dict[str, Rules]:
            given = parameters.get(name)
            found = given if isinstance(given, Mapping) else {}
            return {str(code): centre.but(one.get("numbers")) for code, one in found.items() if isinstance(one, Mapping)}

        return cls(centre, lines("units"), lines("roles"))

    def of_unit(self, unit: str) -> Rules | None:
        return self.units.get(unit)

    def of_roles(self, roles: Collection[str]) -> tuple[Rules, ...]:
        """The rules of which one must allow it; none where the roles do not limit."""
        return tuple(self.roles[one] for one in roles) if roles and all(one in self.roles for one in roles) else ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`number` in E.164 when it may be dialled, else "" and `why`."""

    number: str = ""
    why: Why | None = None
    by: By = By.CENTRE

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
    ours = rules.home or ((region,) if region else ())
    if not (rules.abroad or allowed) and code != 800 and not set(ours) & set(phonenumbers.region_codes_for_country_code(code)):
        return Verdict(why=Why.ABROAD)
    return Verdict(e164)


def judge_for(given: str, region: str, limits: Limits, unit: str = "", roles: Collection[str] = ()) -> Verdict:
    """Whether somebody of this unit, with these roles (codes), may dial `given`: the centre must allow it, their unit, and one of their roles."""
    said = judge(given, region, limits.centre)
    if not said.allowed:
        return said
    own = limits.of_unit(unit)
    if own is not None and not (narrower := judge(given, region, own)).allowed:
        return replace(narrower, by=By.UNIT)
    of_roles = [judge(given, region, one) for one in limits.of_roles(roles)]
    if of_roles and not any(one.allowed for one in of_roles):
        return replace(of_roles[0], by=By.ROLE)
    return said


def minutes_left(minutes: float | None, spent: float) -> bool:
    """Whether a call may begin today: of so many minutes a day so many are spent. A call that is up when they run out goes on."""
    return minutes is None or spent < minutes


def _longest(number: str, beginnings: tuple[str, ...]) -> str:
    return max((one for one in beginnings if one and number.startswith(one)), key=len, default="")
