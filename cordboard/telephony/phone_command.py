"""`cordboard call`: the telephone without a person, from the command line.

The exit status is 0 when the call was answered and ended properly (hung up by either side), 1 when it was not answered or broke,
2 for wrong arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

from cordboard.telephony.handset import wait_for_call
from cordboard.telephony.phone import call


def _keys(text: str) -> str:
    if any(key not in "0123456789*#ABCD," for key in text.upper()):
        raise argparse.ArgumentTypeError("keys are 0-9, *, #, A-D; a comma waits a second")
    return text


def parser() -> argparse.ArgumentParser:
    from cordboard.lib.config import config

    conf = config()
    found = argparse.ArgumentParser(prog="cordboard call", description="Place a SIP call with sound, and tell how it went.")
    found.add_argument("--to", default="", help="the number to dial, or a SIP URI")
    found.add_argument("--from", dest="from_", default="", help="the caller's number; withheld when left out")
    found.add_argument("--host", default=conf.sip_host, help="where the switch listens (default: %(default)s)")
    found.add_argument("--port", type=int, help=f"its SIP port (default: {conf.sip_port}, for TLS {conf.sip_tls_port or conf.sip_port + 1})")
    found.add_argument("--transport", choices=("udp", "tcp", "tls"), default="udp", help="how to speak to it (default: %(default)s)")
    found.add_argument("--trust", metavar="PEM", help="who vouches for its certificate (default: the centre's own certificate, where it has made one)")
    found.add_argument("--user", default="", help="call as the telephone of this account (see cordboard phone)")
    found.add_argument("--secret", default="", help="the account's secret")
    found.add_argument("--wait", action="store_true", help="register as the account's telephone, wait for a call, and answer it")
    found.add_argument("--keys", type=_keys, default="", help="keys to press a second after the answer; a comma waits a second")
    found.add_argument("--say", type=Path, help="a WAV file to say after the answer")
    found.add_argument("--for", dest="seconds", type=float, default=20.0, help="seconds to stay after the answer (default: %(default)g)")
    found.add_argument("--save", type=Path, help="keep what is heard in this WAV file")
    found.add_argument("--answer-within", type=float, default=30.0, help="seconds to wait for the answer (default: %(default)g)")
    return found


def _completed(arguments: argparse.Namespace) -> dict[str, Any]:
    """The arguments with their defaults; ends the program for those that do not go together."""
    from cordboard.lib.config import config

    conf, given = config(), vars(arguments)
    if given["wait"] == bool(given["to"]):
        parser().error("give either --to, or --wait with --user and --secret")
    if given["wait"] and not given["user"]:
        parser().error("--wait needs --user and --secret")
    if given["port"] is None:
        given["port"] = (conf.sip_tls_port or conf.sip_port + 1) if given["transport"] == "tls" else conf.sip_port
    own = conf.data / "keys" / "tls.pem"
    given["trust"] = given["trust"] or (str(own) if own.is_file() else "")
    return given


def main(argv: list[str] | None = None) -> int:
    """The command; returns the exit status."""
    arguments = parser().parse_args(argv)

    def report(text: str) -> None:
        print(text, flush=True)

    given = _completed(arguments)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            if given.pop("wait"):
                names = ("user", "secret", "host", "port", "transport", "trust", "keys", "say", "seconds", "save")
                outcome = asyncio.run(wait_for_call(**{name: given[name] for name in names}, report=report))
            else:
                outcome = asyncio.run(call(**given, report=report))
            print(f"heard in all: {outcome.heard}")
            status = f" ({outcome.status})" if outcome.status and not outcome.answered else ""
            print(f"ended: {outcome.ended_by}{status}")
            return 0 if outcome.proper else 1
    except (OSError, ValueError) as error:
        print(f"cannot call: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
