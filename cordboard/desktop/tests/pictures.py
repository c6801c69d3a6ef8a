"""Takes a picture of every state of the showcase: `python -m cordboard.desktop.tests.pictures [folder] [state...]`."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def serve() -> str:
    """Serve the showcase on a free port; the address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def main(folder: Path, names: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    os.environ.setdefault("CORDBOARD_DATA", tempfile.mkdtemp())
    os.environ["CORDBOARD_DEBUG"] = "1"
    from django.conf import settings

    settings.ROOT_URLCONF = "cordboard.desktop.tests.showcase_urls"
    address = serve()

    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    from cordboard.desktop.showcase import STATES

    call_command("migrate", verbosity=0)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name in names or list(STATES):
            state, _, query = name.partition("?")
            width = 1024 if "w=1024" in query else 1366
            page = browser.new_page(viewport={"width": width, "height": 768})
            page.on("console", lambda message: print("console:", message.text))
            page.goto(f"{address}/showcase/{state}/?{query}")
            page.wait_for_timeout(300)
            page.screenshot(path=folder / f"{name.replace('?', '-').replace('&', '-').replace('=', '-')}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"), sys.argv[2:])
