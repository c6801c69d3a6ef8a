"""Carries what agents reply on tickets."""

from __future__ import annotations

from cordboard.mail.actions import NO_SERVER, send
from cordboard.org.models import User
from cordboard.tickets.outgoing import Letter, NotCarried, carrier

PURPOSE = "ticket"


def carry(letter: Letter) -> str:
    """Into the outbox, in the caller's transaction; without a mail server it is kept there as not sent, and the ticket's page says so."""
    headers = {}
    if letter.answers:
        headers = {"In-Reply-To": letter.answers[-1], "References": " ".join(letter.answers)}
    files = [{"path": f"files/attachments/{one.path[:2]}/{one.path}", "name": one.name, "type": one.type} for one in letter.files]
    by = User.objects.filter(pk=letter.by).first() if letter.by is not None else None
    try:
        made = send(
            letter.address, letter.subject, letter.text, purpose=PURPOSE, key=letter.key, party=letter.party, language=letter.language, by=by,
            headers=headers, files=files,
        )  # fmt: skip
    except ValueError as problem:
        raise NotCarried(str(problem)) from None
    assert made.error in ("", NO_SERVER)
    return made.message_id


carrier("email", carry)
