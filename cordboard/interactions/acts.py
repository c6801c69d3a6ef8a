"""What came of an act that a person (or the switch) asked for: done, or not and why in plain words.

A missing right raises PermissionDenied; everything that can happen between two honest people (a colleague was faster, the caller hung up)
is no error but an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _


class Came(StrEnum):
    """What came of it."""

    DONE = "done"
    ALREADY = "already"  # it was so before: asking twice does no harm
    TAKEN = "taken"  # a colleague has it
    EXPIRED = "expired"  # the ring time was over
    WITHDRAWN = "withdrawn"  # it was taken back: transfer or consult undone
    CUSTOMER_GONE = "customer_gone"
    NOT_YOURS = "not_yours"
    NOT_NOW = "not_now"  # the state does not allow it
    NOT_FREE = "not_free"  # that colleague cannot take it
    YOURSELF = "yourself"
    NO_SUCH = "no_such"
    CLOSED = "closed"  # the queue is
    NOT_DIALLED = "not_dialled"  # the rules do not allow this number; `name` says why
    FULL = "full"  # the conversation has as many as it may
    CIRCLE = "circle"  # it went round already
    NO_TIME = "no_time"  # what was given is no date and time
    NOBODY = "nobody"  # a position that nobody fills
    FORBIDDEN = "forbidden"  # a rule forbids it in this contact; `why` says the reason


@dataclass(frozen=True, slots=True)
class Act:
    came: Came
    interaction: int | None = None
    segment: int | None = None
    name: str = ""
    """Whom or what the words speak of: a colleague, a queue."""
    why: str = ""
    """What is said in place of the usual sentence, where more is known."""

    @property
    def done(self) -> bool:
        """It is as the person wanted, by this request or an earlier one."""
        return self.came in (Came.DONE, Came.ALREADY)

    @property
    def words(self) -> str:
        """One sentence in the reader's language."""
        return self.why or _words(self.came) % {"name": self.name or _("The colleague")}

    def as_json(self) -> dict[str, Any]:
        return {"done": self.done, "came": self.came.value, "interaction": self.interaction, "segment": self.segment, "words": self.words}


def _words(came: Came) -> str:
    match came:
        case Came.DONE:
            return _("Done.")
        case Came.ALREADY:
            return _("This was done before.")
        case Came.TAKEN:
            return _("%(name)s has taken this one.")
        case Came.EXPIRED:
            return _("The time to answer is over; the contact went on to the next agent.")
        case Came.WITHDRAWN:
            return _("The colleague who gave it has taken it back.")
        case Came.CUSTOMER_GONE:
            return _("The customer has hung up.")
        case Came.NOT_YOURS:
            return _("This contact is not yours.")
        case Came.NOT_NOW:
            return _("This cannot be done at this moment.")
        case Came.NOT_FREE:
            return _("%(name)s is not free now.")
        case Came.YOURSELF:
            return _("You have this contact yourself.")
        case Came.NO_SUCH:
            return _("This is not there any more.")
        case Came.CLOSED:
            return _("%(name)s is closed now.")
        case Came.NOT_DIALLED:
            return "%(name)s"
        case Came.FULL:
            return _("There are eight in this conversation; no more can join.")
        case Came.CIRCLE:
            return _("This contact has been with %(name)s twice already. Consult first, so that it does not go round in circles.")
        case Came.NO_TIME:
            return _("This is no date and time.")
        case Came.FORBIDDEN:
            return _("A rule forbids this in this contact.")
        case Came.NOBODY:
            return _("Nobody holds the position %(name)s now, and it has no deputy.")
