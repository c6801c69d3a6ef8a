"""What mail offers to flows: a message to the customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, Act, declare_act


def send_mail(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    """To the contact's customer. Another address is taken from an agent only: else a flow with an open question would write to whom anybody names. Raises
    ValueError when it cannot be sent; while there is no mail server the message is kept as not sent."""
    from cordboard.interactions.models import Interaction
    from cordboard.mail.actions import NO_SERVER, send
    from cordboard.mail.addresses import address_of

    number = about.id_of("interaction")
    contact = Interaction.objects.select_related("subject").filter(pk=number).first() if number is not None else None
    if contact is None:
        raise ValueError("this run is about no contact")
    wanted = str(args.get("to") or "").strip()
    own = address_of(contact, wanted)
    if not own and (about.by is None or not wanted):
        raise ValueError("the customer has no such e-mail address")
    made = send(
        own or wanted, str(args.get("subject") or ""), str(args.get("text") or ""), purpose="flow", key=key, interaction=contact.pk, party=contact.subject_id,
        language=about.language, by=about.by,
    )  # fmt: skip
    if made.error == NO_SERVER:
        raise ValueError("no mail server is set")
    return {"id": made.pk, "to": made.address}


declare_act(
    Act(
        "mail",
        "send",
        _("an e-mail to the customer"),
        args={"subject": str, "text": str, "to": str},
        gives={"id": "number", "to": "text"},
        do=send_mail,
        optional=frozenset({"to"}),
    )
)
