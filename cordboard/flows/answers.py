"""What an answer to a question means: a choice, several, a number, keys, text, a date, a telephone number, an e-mail address, a rating. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from cordboard.flows.steps import Step


class WrongAnswer(ValueError):
    """An answer that the question does not take. `code` says why: "choice", "number", "small", "large", "whole", "short", "long", "digits", "date", "early",
    "late", "telephone", "email", "empty", "few", "many"."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def taken(step: Step, given: Any, *, today: date, surface: str = "ivr") -> Any:
    """The value of an answer to this question. Raises WrongAnswer. An optional question takes "" for None."""
    if isinstance(given, str):
        given = given.strip()
    if given in ("", None, []):
        if step.get("optional"):
            return None
        raise WrongAnswer("empty")
    return TAKE[step["kind"]](step, given, today, surface)


def choice_of(step: Step, given: Any, surface: str) -> int | None:
    """Which of the choices an answer means: by its key, or off the telephone by its value too."""
    for number, choice in enumerate(step["choices"]):
        if given == choice.get("key") or (surface != "ivr" and given == choice["value"]):
            return number
    return None


def _choice(step: Step, given: Any, today: date, surface: str) -> Any:
    number = choice_of(step, given, surface)
    if number is None:
        if step.get("open") and surface != "ivr":
            return _long(str(given), 1, 1000)
        raise WrongAnswer("choice")
    return step["choices"][number]["value"]


def _multiple(step: Step, given: Any, today: date, surface: str) -> list[Any]:
    several = given if isinstance(given, list) else [one.strip() for one in str(given).split(",")]
    found: list[Any] = list(dict.fromkeys(_choice(step, one, today, surface) for one in several))
    if len(found) < int(step.get("min", 1)):
        raise WrongAnswer("few")
    if "max" in step and len(found) > int(step["max"]):
        raise WrongAnswer("many")
    return found


_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,10})?")


def _number(step: Step, given: Any, today: date, surface: str) -> int | float:
    text = str(given).replace("*", ".").replace(" ", "").replace("\u00a0", "")
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise WrongAnswer("number")
    value = float(text.replace(",", "."))
    if step.get("whole") and not value.is_integer():
        raise WrongAnswer("whole")
    if "min" in step and value < step["min"]:
        raise WrongAnswer("small")
    if "max" in step and value > step["max"]:
        raise WrongAnswer("large")
    return int(value) if value.is_integer() else value


def _rating(step: Step, given: Any, today: date, surface: str) -> int | float:
    return _number({"min": step.get("min", 1), "max": step.get("max", 5), "whole": True}, given, today, surface)


def _digits(step: Step, given: Any, today: date, surface: str) -> str:
    text = str(given)
    if not (text.isascii() and text.isdigit()):
        raise WrongAnswer("digits")
    return _long(text, int(step.get("min", 1)), int(step.get("max", 20)))


def _text(step: Step, given: Any, today: date, surface: str) -> str:
    return _long(str(given), int(step.get("min", 1)), int(step.get("max", 1000)))


def _long(text: str, least: int, most: int) -> str:
    if len(text) < least:
        raise WrongAnswer("short")
    if len(text) > most:
        raise WrongAnswer("long")
    return text


_DATES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[-./*](\d{1,2})[-./*](\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{2})(\d{2})(\d{4})"), (3, 2, 1)),
)


def _date(step: Step, given: Any, today: date, surface: str) -> str:
    """ISO, or day first: 2026-01-31, 31-1-2026, 31.01.2026, 31012026 (the keys of a telephone)."""
    text = str(given).replace(" ", "")
    for pattern, order in _DATES:
        if (match := pattern.fullmatch(text)) is not None and text.isascii():
            try:
                value = date(*(int(match[group]) for group in order))
            except ValueError:
                break
            if step.get("range") == "past" and value > today:
                raise WrongAnswer("late")
            if step.get("range") == "future" and value < today:
                raise WrongAnswer("early")
            return value.isoformat()
    raise WrongAnswer("date")


def _telephone(step: Step, given: Any, today: date, surface: str) -> str:
    """E.164, by ITU-T E.164 and the numbering plan of its country; a national number is of `region` (ISO 3166-1)."""
    import phonenumbers

    try:
        number = phonenumbers.parse(str(given), step.get("region") or None)
    except phonenumbers.NumberParseException:
        raise WrongAnswer("telephone") from None
    if not phonenumbers.is_possible_number(number):
        raise WrongAnswer("telephone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _email(step: Step, given: Any, today: date, surface: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return str(validate_email(str(given), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise WrongAnswer("email") from None


TAKE: dict[str, Callable[[Step, Any, date, str], Any]] = {
    "choice": _choice,
    "multiple": _multiple,
    "number": _number,
    "digits": _digits,
    "text": _text,
    "date": _date,
    "telephone": _telephone,
    "email": _email,
    "rating": _rating,
}

FACT_TYPES = {"number": ("number",), "rating": ("number",), "date": ("date",), "multiple": ("list",)}
"""Types that the variable of a question must have; of the other questions: text or choice."""
