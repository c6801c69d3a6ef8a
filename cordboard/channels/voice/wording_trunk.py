"""How a trunk stands, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cordboard.telephony.carriers import Why, why


def reason_words(reason: str) -> str:
    """Why a trunk can be used or not, as the switch told it. What the far side said itself stays in its own words."""
    code, values = why(reason)
    match code:
        case Why.REGISTERED:
            return _("registered")
        case Why.ANSWERS:
            return _("answers when asked")
        case Why.PRACTICE:
            return _("practice: nobody outside is reached")
        case Why.NOT_ASKED:
            return _("never asked")
        case Why.NO_ANSWER:
            return _("no answer")
        case Why.TAKES_NO_CALLS:
            return _("answers that it takes no calls")
        case Why.GONE:
            return _("the switch does not have it")
        case Why.CONNECTION_REFUSED:
            return _("nothing listens there")
        case Why.NO_ROUTE | Why.NETWORK_DOWN:
            return _("there is no way to this address from here")
        case Why.CERTIFICATE:
            return _("its certificate is refused: %(said)s") % values
        case Why.NO_TLS:
            return _("no TLS with it: %(said)s") % values
        case Why.REFUSED:
            return _answer(values["status"], values["said"])
        case Why.OTHER:
            return values["said"]


def _answer(status: str, said: str) -> str:
    """A final answer (RFC 3261 section 21), as it would be said to somebody who has to mend it."""
    words = {
        "200": _("answers when asked"),
        "401": _("wrong user name or password"),
        "403": _("refused: the account or this address is not allowed"),
        "404": _("the account is not known there"),
        "405": _("answers, but not to this question"),
        "407": _("wrong user name or password"),
        "408": _("no answer in time"),
        "480": _("not available at the moment"),
        "500": _("a fault on its side"),
        "501": _("answers, but not to this question"),
        "503": _("answers that it takes no calls"),
    }.get(status)
    told = f"{status} {said}".strip()
    return _("%(words)s (%(told)s)") % {"words": words, "told": told} if words else told
