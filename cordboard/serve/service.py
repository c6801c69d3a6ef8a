"""`cordboard service`: the web services and databases that flows and look-ups may ask."""

from __future__ import annotations

import argparse
import os
import sys

SECRET = "CORDBOARD_SERVICE_SECRET"


def options(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="what is on the list")
    remove = acts.add_parser("remove", help="take one off the list")
    remove.add_argument("code")
    put = acts.add_parser("set", help="put one on the list, or change it")
    put.add_argument("code", help="by which flows name it")
    put.add_argument("url", help="its base address; flows give what comes after it. Of a database: the file's path, or postgresql://user@host:port/name")
    put.add_argument("--kind", default="http", choices=["http", "sqlite", "postgresql"], help="web service (http) or database, for look-ups")
    put.add_argument("--name", help="as managers see it (default: the code)")
    put.add_argument(
        "--auth",
        default="",
        choices=["", "bearer", "basic", "header"],
        help=f"how we prove who we are; the secret (of a database: the password) is read from {SECRET}",
    )
    put.add_argument("--header", default="", help="of a key in a header (X-Api-Key)")
    put.add_argument("--timeout", type=float, default=5.0, help="seconds that it has at most (5)")
    put.add_argument("--inside", action="store_true", help="it is one of the house and may be at a private address")


def service(given: argparse.Namespace) -> int:
    """Returns the exit code."""
    import django

    django.setup()
    from cordboard.flows.actions import Refused
    from cordboard.flows.actions_services import delete_service, set_service
    from cordboard.flows.models import WebService

    try:
        if given.act == "list":
            for row in WebService.objects.order_by("code"):
                marks = [row.kind if row.kind != WebService.Kind.HTTP else "", row.auth, "inside" if row.inside else "", "" if row.active else "off"]
                print(f"{row.code:20} {row.base_url} ({row.timeout:g} s) {' '.join(filter(None, marks))}".rstrip())
            return 0
        if given.act == "remove":
            delete_service(given.code, None)
            print(f"{given.code} is off the list.")
            return 0
        secret = os.environ.get(SECRET)
        row = set_service(
            given.code,
            given.name or given.code,
            given.url,
            None,
            auth=given.auth,
            auth_header=given.header,
            secret=secret,
            timeout=given.timeout,
            inside=given.inside,
            kind=given.kind,
        )
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return 1
    print(f"{row.code} is on the list{'' if secret is None else ', its secret sealed'}.")
    return 0
