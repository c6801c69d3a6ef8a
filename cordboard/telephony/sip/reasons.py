"""Why the telephone network ended or refused a call: the Reason header (RFC 3326) with the causes of ITU-T Q.850. Pure."""

from __future__ import annotations

from cordboard.telephony.sip.message import Message
from cordboard.telephony.sip.uri import BadSyntax, parse_params, split_list


def q850(message: Message | None) -> int:
    """The Q.850 cause that a message names, 0 when it names none."""
    if message is None:
        return 0
    for line in message.headers.all("reason"):
        for value in split_list(line):
            protocol, _, rest = value.partition(";")
            if protocol.strip().upper() != "Q.850":
                continue
            try:
                cause = parse_params(rest).get("cause", "")
            except BadSyntax:
                continue
            if cause.isascii() and cause.isdigit() and len(cause) < 4:
                return int(cause)
    return 0
