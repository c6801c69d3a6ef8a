"""What is said of an answer that a question does not take, by the code of answers.WrongAnswer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

WRONG: Mapping[str, Any] = {
    "choice": later("Choose one of the answers."),
    "few": later("Choose more of the answers."),
    "many": later("Choose fewer of the answers."),
    "empty": later("This question needs an answer."),
    "number": later("That is no number."),
    "whole": later("That is no whole number."),
    "small": later("That number is too small."),
    "large": later("That number is too large."),
    "digits": later("Digits only."),
    "short": later("That is too short."),
    "long": later("That is too long."),
    "date": later("That is no date."),
    "early": later("That date has passed."),
    "late": later("That date is still to come."),
    "telephone": later("That is no telephone number."),
    "email": later("That is no e-mail address."),
}


def words(code: str, step: Mapping[str, Any]) -> str:
    """With the limits of the question, where it has some."""
    if code == "small" and "min" in step:
        return _("The number must be at least %(min)s.") % {"min": step["min"]}
    if code == "large" and "max" in step:
        return _("The number must be at most %(max)s.") % {"max": step["max"]}
    if code == "few" and "min" in step:
        return _("Choose at least %(min)s of the answers.") % {"min": step["min"]}
    if code == "many" and "max" in step:
        return _("Choose at most %(max)s of the answers.") % {"max": step["max"]}
    if code == "long" and "max" in step:
        return _("At most %(max)s characters fit here.") % {"max": step["max"]}
    if code == "telephone":
        return _("That is no telephone number. Write it with the area code, or with + and the country.")
    if code == "email":
        return _("That is no e-mail address. It looks like name@example.com.")
    return str(WRONG.get(code, code))
