"""`cordboard trunk`: the ways to the telephone network."""

from __future__ import annotations

import argparse
import getpass
import sys

from cordboard.telephony.driver import PRACTICE, Identity, Trunk


def options(made: argparse.ArgumentParser) -> None:
    what = made.add_subparsers(dest="what", required=True, metavar="WHAT")
    add = what.add_parser("add", help="make a trunk, or change the one of that code")
    add.add_argument("code", help="what it is called in logs: small letters, digits, dashes")
    add.add_argument("--name", default="", help="what it is called on screens")
    add.add_argument("--address", default="", metavar="IP[:PORT]", help="the trunk's numeric address; names are never looked up")
    add.add_argument("--transport", default="udp", choices=["udp", "tcp", "tls", PRACTICE], help="practice: nobody outside is reached (default: %(default)s)")
    add.add_argument("--domain", default="", help="what stands behind the @, where that is not the address")
    add.add_argument("--register", action="store_true", help="register there, as --user")
    add.add_argument("--expires", type=int, default=600, help="seconds that a registration is to hold (default: %(default)s)")
    add.add_argument("--user", default="", help="user name; its password is asked for, or read from standard input")
    add.add_argument("--keep-password", action="store_true", help="leave the password as it is")
    add.add_argument(
        "--number", action="append", default=[], metavar="E164", help="a number of ours there; several times for several, the first is shown by itself"
    )
    add.add_argument("--any-caller-id", action="store_true", help="the trunk lets us show numbers that are not ours there")
    add.add_argument("--identity", default="asserted", choices=[str(one) for one in Identity], help="how it wants to be told who calls (default: %(default)s)")
    add.add_argument("--format", default="+", choices=["+", "digits", "00"], help="how it wants numbers written (default: %(default)s)")
    add.add_argument("--limit", type=int, default=0, help="calls at a time (default: any number)")
    add.add_argument("--minutes", type=int, default=0, help="that calls out may last together in a day (default: any)")
    add.add_argument("--redirect-to", action="append", default=[], metavar="PREFIX", help="let redirections lead to numbers that begin so; none by default")
    add.add_argument("--ask-every", type=float, default=30.0, metavar="SECONDS", help="ask whether it lives; 0 for never (default: %(default)g)")
    add.add_argument("--tell-hold", action="store_true", help="tell it when its caller is on hold (sendonly), for networks that want to know")
    add.add_argument("--position", type=int, help="lower ones are tried first (default: after the others)")
    what.add_parser("list", help="trunks in their order, and how they stand")
    what.add_parser("remove", help="remove a trunk; calls on it go on").add_argument("code")


def trunk(given: argparse.Namespace) -> int:
    """Run it; exit code 0 when it was done."""
    import django

    django.setup()
    from cordboard.channels.voice import actions_trunk
    from cordboard.channels.voice.models import Trunk as Row

    if given.what == "list":
        return _list()
    if given.what == "remove":
        row = Row.objects.filter(code=given.code).first()
        if row is None:
            return _refused(f"there is no trunk {given.code}")
        actions_trunk.remove_trunk(None, row)
        print(f"{given.code} is removed.")
        return 0
    try:
        wanted = _wanted(given)
        row = actions_trunk.set_trunk(None, wanted, name=given.name, position=given.position, keep_secret=given.keep_password)
    except ValueError as problem:
        return _refused(str(problem))
    print(f"{row.code} is kept; a running switch uses it at once. `cordboard trunk list` tells how it stands.")
    return 0


def _wanted(given: argparse.Namespace) -> Trunk:
    """Raises ValueError for an address that cannot be read."""
    host, port = _address(given.address, 5061 if given.transport == "tls" else 5060)
    password = ""
    if given.user and not given.keep_password:
        password = getpass.getpass(f"Password of {given.user}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    return Trunk(
        code=given.code, host=host, port=port, transport=given.transport, domain=given.domain, register=given.register, expires=given.expires,
        username=given.user, password=password, numbers=tuple(given.number), any_caller_id=given.any_caller_id, identity=Identity(given.identity),
        number_format=given.format, limit=given.limit, minutes=given.minutes, redirects=tuple(given.redirect_to), keepalive=given.ask_every,
        tell_hold=given.tell_hold,
    )  # fmt: skip


def _address(text: str, port: int) -> tuple[str, int]:
    """`192.0.2.1`, `192.0.2.1:5060`, `[2001:db8::1]:5060`."""
    host, colon, number = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        return text.strip("[]"), port
    if not number.isdigit():
        raise ValueError(f"{text} is no address with a port")
    return host.strip("[]"), int(number)


def _list() -> int:
    from cordboard.channels.voice.queries_trunk import standings

    for one in standings():
        state = "not told yet" if one.up is None else f"{'up' if one.up else 'DOWN'} since {one.since:%Y-%m-%d %H:%M} UTC, {one.reason} ({one.node})"
        print(f"{one.code:16} {one.to:32} {state}  {one.name if one.name != one.code else ''}".rstrip())
    return 0


def _refused(why: str) -> int:
    print(f"Nothing was changed: {why}", file=sys.stderr)
    return 1
