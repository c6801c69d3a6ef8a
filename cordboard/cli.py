"""The `cordboard` command. Every subcommand loads what it needs when it runs, so that `--help` and `serve` start at once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="cordboard", description="An open interaction centre.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the centre, or one role of it")
    serve.add_argument("--role", default="all", choices=["all", "web", "voice", "front", "django", "worker", "switch", "media"])
    serve.add_argument("--host", help="address to listen on (CORDBOARD_HOST, default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port for browsers (CORDBOARD_PORT, default 8000)")
    serve.add_argument("--tls", nargs="+", metavar=("CERT", "KEY"), help="certificate and key as PEM files, or `auto` for a certificate of our own making")
    serve.add_argument("--demo", action="store_true", help="fill an empty centre with demo data first")

    commands.add_parser("migrate", help="bring the database's tables up to date")
    commands.add_parser("demo", help="fill an empty centre with demo data")

    call = commands.add_parser("call", help="place a real SIP call to the centre, for trying out and for monitoring", add_help=False)
    call.add_argument("rest", nargs=argparse.REMAINDER)

    prompt = commands.add_parser("prompt", help="give an announcement a recorded voice: a WAV for a step of a flow, in one language")
    prompt.add_argument("code", help="<flow>.<step>, such as service-line.matter; recording-notice for the notice outside flows")
    prompt.add_argument("language", help="en, nl, ru, th or zh-hans")
    prompt.add_argument("file", help="the WAV")
    prompt.add_argument("--text", required=True, help="what it says: spoken when the file is gone")
    prompt.add_argument("--by", required=True, metavar="USER", help="user name of the one who does it")

    guidelines = commands.add_parser("import-guidelines", help="turn written guidelines for agents into scripts")
    guidelines.add_argument("file", help="the guidelines, JSON")
    guidelines.add_argument("required", nargs="?", metavar="KB", help="the actions that each of them requires, JSON; without it their buttons are")
    guidelines.add_argument("--language", default="en", help="language of the guidelines (en)")
    guidelines.add_argument("--drafts", action="store_true", help="leave them as drafts, to be published from the designer")
    guidelines.add_argument("--by", default="", metavar="USER", help="user name of the one who does it")

    figures = commands.add_parser("figures", help="the kept figures of queues and agents")
    figures.add_argument("what", choices=["rebuild"], help="rebuild: count all contacts anew; what was right stays as it is")

    from cordboard.serve import phone, service, trunk

    phone.options(commands.add_parser("phone", help="accounts of desk telephones: add, list, secret, remove, use, browser"))
    service.options(commands.add_parser("service", help="web services that flows may ask: set, list, remove"))
    trunk.options(commands.add_parser("trunk", help="ways to the telephone network: add, list, remove"))

    from cordboard.serve import upkeep

    upkeep.options_drain(commands.add_parser("drain", help="stop politely: take no new calls, end when the last one is over"))
    upkeep.options_restart(commands.add_parser("restart", help="start roles anew while calls go on, as after an upgrade"))

    doctor = commands.add_parser("doctor", help="say what is wrong with this installation, if anything")
    doctor.add_argument("--json", action="store_true")

    backup = commands.add_parser("backup", help="write database, files and keys into one file")
    backup.add_argument("file")
    backup.add_argument("--without-recordings", action="store_true", help="leave the recordings out")

    restore = commands.add_parser("restore", help="bring back what `backup` wrote, into an empty centre")
    restore.add_argument("file")
    restore.add_argument("--force", action="store_true", help="replace what is there")

    manage = commands.add_parser("manage", help="run one of Django's own commands", add_help=False)
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["call"]:  # its own options are its own affair
        from cordboard.telephony.phone_command import main as call

        return int(call(arguments[1:]) or 0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    if arguments[:1] == ["manage"]:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["cordboard manage", *arguments[1:]])
        return 0
    options = parser().parse_args(arguments)
    if options.command == "serve":
        from cordboard.serve.command import serve

        return serve(options)
    if options.command in ("migrate", "demo"):
        from cordboard.serve import prepare

        return prepare.main([options.command])
    if options.command == "prompt":
        from cordboard.serve.prompt import upload

        return upload(options.code, options.language, options.file, options.text, options.by)
    if options.command == "import-guidelines":
        from cordboard.serve.guidelines import import_guidelines

        return import_guidelines(options.file, options.required, options.by, language=options.language, drafts=options.drafts)
    if options.command == "figures":
        from cordboard.serve.figures import rebuild

        return rebuild()
    if options.command == "trunk":
        from cordboard.serve.trunk import trunk

        return trunk(options)
    if options.command == "service":
        from cordboard.serve.service import service

        return service(options)
    if options.command == "phone":
        from cordboard.serve.phone import phone

        return phone(options)
    if options.command == "doctor":
        from cordboard.serve.doctor import doctor

        return doctor(as_json=options.json)
    if options.command in ("drain", "restart"):
        from cordboard.serve import upkeep

        return (upkeep.drain if options.command == "drain" else upkeep.restart)(options)
    from cordboard.serve import archive

    if options.command == "backup":
        return archive.backup_command(options.file, recordings=not options.without_recordings)
    return archive.restore_command(options.file, force=options.force)


if __name__ == "__main__":
    sys.exit(main())
