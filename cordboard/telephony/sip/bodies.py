"""What a body says: the session description in it, or a key pressed. Pure."""

from __future__ import annotations

import re
from email.parser import BytesParser
from email.policy import HTTP

from cordboard.telephony.sip.message import Message

KEYS = "0123456789*#ABCD"


class UnsupportedBody(ValueError):
    """A body of a kind or encoding that we do not read (answered with 415)."""


def media_type(message: Message) -> str:
    return message.headers.get("content-type").partition(";")[0].strip().lower()


def takes_sdp(message: Message) -> bool:
    """Would its sender read a session description? Yes, when it does not say (RFC 3261 section 20.1)."""
    if "accept" not in message.headers:
        return True
    kinds = {value.partition(";")[0].strip().lower() for value in message.headers.all("accept")}
    return bool(kinds & {"application/sdp", "application/*", "*/*"})


def session_description(message: Message) -> str:
    """The SDP, "" when there is no body; taken out of a multipart body where a trunk adds its own parts. Raises UnsupportedBody."""
    if not message.body.strip():
        return ""
    if message.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedBody("encoded body")
    kind = media_type(message)
    if kind == "application/sdp":
        return message.body.decode(errors="replace")
    if kind.startswith("multipart/"):
        head = f"Content-Type: {message.headers.get('content-type')}\r\n\r\n".encode()
        whole = BytesParser(policy=HTTP).parsebytes(head + message.body)
        for part in whole.iter_parts():
            if part.get_content_type() == "application/sdp":
                payload = part.get_payload(decode=True)
                return payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    raise UnsupportedBody(kind)


def key_pressed(message: Message) -> str:
    """The key in an INFO request (application/dtmf-relay or application/dtmf), "" when it is not one of 0-9, *, #, A-D.

    Raises UnsupportedBody for another kind of body.
    """
    kind = media_type(message)
    text = message.body.decode(errors="replace").strip()
    if kind == "application/dtmf-relay":
        found = re.search(r"^\s*Signal\s*=\s*(\S+)", text, re.I | re.M)
        key = found.group(1) if found else ""
    elif kind == "application/dtmf":
        key = text
    else:
        raise UnsupportedBody(kind)
    key = {"10": "*", "11": "#"}.get(key, key.upper())
    return key if len(key) == 1 and key in KEYS else ""
