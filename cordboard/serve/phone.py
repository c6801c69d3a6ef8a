"""`cordboard phone`: accounts of desk telephones."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def options(made: argparse.ArgumentParser) -> None:
    what = made.add_subparsers(dest="what", required=True, metavar="WHAT")
    add = what.add_parser("add", help="make an account, and print its secret: once")
    add.add_argument("account", help="the name by which the telephone registers")
    add.add_argument("--user", help="e-mail address or user name of who works on it")
    add.add_argument("--name", default="", help="what it is called on screens")
    add.add_argument("--answers-itself", action="store_true", help="it picks up by itself when it is asked to (Call-Info: answer-after)")
    add.add_argument("--use", action="store_true", help="the user works on it from now on, instead of in the browser")
    what.add_parser("list", help="accounts, their users, and how many telephones are registered")
    for word, about in (("secret", "make a new secret, and print it: once"), ("remove", "remove the account"), ("use", "let its user work on it")):
        what.add_parser(word, help=about).add_argument("account")
    browser = what.add_parser("browser", help="let a user work in the browser again")
    browser.add_argument("user")


def phone(given: argparse.Namespace) -> int:
    """Run it; exit code 0 when it was done."""
    import django

    django.setup()
    from cordboard.channels.voice import actions_phone
    from cordboard.channels.voice.models import Phone

    if given.what == "list":
        return _list()
    if given.what == "add":
        return _add(given)
    if given.what == "browser":
        user = _user(given.user)
        if user is None:
            return _refused(f"there is no user {given.user}")
        actions_phone.choose_device(user, "")
        print(f"{user} works in the browser.")
        return 0
    row = Phone.objects.select_related("user").filter(account=given.account).first()
    if row is None:
        return _refused(f"there is no account {given.account}")
    if given.what == "secret":
        print(f"{row.account}: the secret is {actions_phone.renew_secret(None, row)}")
    elif given.what == "remove":
        actions_phone.remove_phone(None, row)
        print(f"{given.account} is removed.")
    elif row.user is None:
        return _refused(f"nobody works on {row.account}")
    else:
        actions_phone.choose_device(row.user, row.account)
        print(f"{row.user} works on {row.account}.")
    return 0


def _add(given: argparse.Namespace) -> int:
    from cordboard.channels.voice import actions_phone
    from cordboard.lib.config import config

    user = _user(given.user) if given.user else None
    if given.user and user is None:
        return _refused(f"there is no user {given.user}")
    if given.use and user is None:
        return _refused("--use needs --user")
    try:
        row, secret = actions_phone.add_phone(None, given.account, user, name=given.name, answers_itself=given.answers_itself)
    except actions_phone.BadAccount as problem:
        return _refused(str(problem))
    if given.use:
        actions_phone.choose_device(user, row.account)
    conf = config()
    print(f"account {row.account}\nsecret  {secret}\nrealm   {conf.sip_realm}\nserver  {conf.sip_host}:{conf.sip_port} (UDP or TCP)")
    print("The secret is not kept: this is the only time that it is shown.")
    return 0


def _list() -> int:
    from django.db.models import Count, Q
    from django.utils import timezone

    from cordboard.channels.voice.models import Phone

    there = Count("contacts", filter=Q(contacts__until__gt=timezone.now()))
    for row in Phone.objects.select_related("user").annotate(there=there):
        works = "" if row.user is None else f"{row.user}{', works on it' if row.chosen_at else ''}"
        print(f"{row.account:24} {row.there} registered  {works}")
    return 0


def _user(name: str) -> Any:
    from django.db.models import Q

    from cordboard.org.models import User

    return User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).first()


def _refused(why: str) -> int:
    print(f"Nothing was changed: {why}", file=sys.stderr)
    return 1
