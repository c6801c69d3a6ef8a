"""Sends what is due over SMTP: one connection for as many as there are, nothing inside a transaction."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from cordboard.lib.config import config
from cordboard.mail import actions
from cordboard.mail.backoff import for_good
from cordboard.mail.models import OutgoingMail

logger = logging.getLogger(__name__)

SECONDS = 20
"""That the server has for each answer."""


BY_HAND = ("ticket",)
"""Purposes of what people write themselves."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `tls`: "" (none), "starttls" or "always"."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = ""


def server(url: str) -> Server:
    """smtp://host:25, smtp+starttls://user:password@host:587, smtps://user:password@host:465. Raises ValueError when it is none of these."""
    parts = urlsplit(url)
    kinds = {"smtp": ("", 25), "smtp+starttls": ("starttls", 587), "smtps": ("always", 465)}
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("a mail server is smtp://, smtp+starttls:// or smtps:// and a host")
    tls, port = kinds[parts.scheme]
    return Server(parts.hostname, parts.port or port, unquote(parts.username or ""), unquote(parts.password or ""), tls)


def work(now: datetime | None = None) -> int:
    """Send what is due. Returns how many messages were dealt with."""
    if not config().smtp:
        return 0
    now = now or timezone.now()
    due = actions.claim(now)
    late = [row for row in due if _over(row, now)]
    for row in late:
        actions.not_sent(row.pk, actions.TOO_LATE, for_good=True)
    due = [row for row in due if row not in late]
    if not due:
        return len(late)
    try:
        connection = _connect(server(config().smtp))
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        logger.warning("the mail server cannot be reached: %s", problem)
        for row in due:
            actions.not_sent(row.pk, _words(problem))
        return len(late) + len(due)
    try:
        for row in due:
            _send(connection, row)
    finally:
        connection.close()
    return len(late) + len(due)


def _over(row: OutgoingMail, now: datetime) -> bool:
    """The mail server, or the worker, was away for too long."""
    return row.until is not None and row.until <= now


def _connect(where: Server) -> EmailBackend:
    connection = EmailBackend(
        host=where.host, port=where.port, username=where.user, password=where.password, use_tls=where.tls == "starttls", use_ssl=where.tls == "always",
        timeout=SECONDS, fail_silently=False,
    )  # fmt: skip
    connection.open()
    return connection


def _send(connection: EmailBackend, row: OutgoingMail) -> None:
    message = EmailMultiAlternatives(
        row.subject, row.text, config().mail_from, [row.address], connection=connection,
        headers={
            **row.headers, "Message-ID": row.message_id, "Date": row.made_at.strftime("%a, %d %b %Y %H:%M:%S %z"),
            **({} if row.by_id is not None and row.purpose in BY_HAND else {"Auto-Submitted": "auto-generated"}),  # RFC 3834
            **({"Content-Language": "zh-Hans" if row.language == "zh-hans" else row.language} if row.language else {}),
        },
    )  # fmt: skip
    for one in row.attachments.all():
        if one.alternative:
            message.attach_alternative(bytes(one.data).decode(), one.media_type)
        else:
            message.attach(one.name, bytes(one.data), one.media_type)
    try:
        for one in row.files:
            message.attach(one["name"], (config().data / one["path"]).read_bytes(), one["type"])
        message.send()
    except FileNotFoundError as problem:
        actions.not_sent(row.pk, _words(problem), for_good=True)  # it will not come back by waiting
    except smtplib.SMTPRecipientsRefused as refused:
        code = max((code for code, _said in refused.recipients.values()), default=0)
        actions.not_sent(row.pk, _words(refused), for_good=for_good(code))
    except smtplib.SMTPResponseException as refused:
        actions.not_sent(row.pk, _words(refused), for_good=for_good(refused.smtp_code))
    except (OSError, smtplib.SMTPException, ValueError) as problem:  # ValueError: a header that cannot be written
        actions.not_sent(row.pk, _words(problem), for_good=isinstance(problem, ValueError))
    else:
        actions.sent(row.pk)


def _words(problem: Exception) -> str:
    """What the server said, or what went wrong on the way to it."""
    match problem:
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(f"{code} {_text(said)}" for code, said in problem.recipients.values())
        case smtplib.SMTPResponseException():
            return f"{problem.smtp_code} {_text(problem.smtp_error)}"
        case _:
            return f"{type(problem).__name__}: {problem}"


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
