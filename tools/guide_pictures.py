"""Takes the pictures of the user guide: starts a centre with the demo data, plays the scene in Chromium, and writes PNG files.

    python tools/guide_pictures.py [folder]      docs/guide/pictures when left out

Run it again whenever the screens change; the names stay. It needs Chromium and sipp, and takes about three minutes.
"""

from __future__ import annotations

import io
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from urllib.parse import quote

import av
import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from cordboard.lib.testing import centre as centres  # noqa: E402
from cordboard.lib.testing.centre import Centre  # noqa: E402
from tests.scene.people import Cast, Person, Sipp  # noqa: E402

LARGEST = 120_000
"""Bytes that a picture may have."""

COLOURS, FREQUENT = 256, 128
STILL = "*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent !important; }"


def shrink(picture: bytes) -> bytes:
    """The PNG with a palette of 256 of its colours; a pixel of another one gets the nearest."""
    with av.open(io.BytesIO(picture), format="png_pipe") as held:
        pixels = next(held.decode(video=0)).to_ndarray(format="rgb24")
    height, width, _ = pixels.shape
    colours, where, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    # Most by number; the rest those that are furthest from all chosen so far, or the red of one small button would turn brown.
    wide = colours.astype(np.int32)
    kept = list(np.argsort(counts)[::-1][:FREQUENT])
    nearest = ((wide[:, None, :] - wide[kept][None, :, :]) ** 2).sum(axis=2).min(axis=1)
    while len(kept) < min(COLOURS, len(colours)):
        kept.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((wide - wide[kept[-1]]) ** 2).sum(axis=1))
    palette = colours[kept]
    distance = ((wide[:, None, :] - palette[None, :, :].astype(np.int32)) ** 2).sum(axis=2)
    rows = distance.argmin(axis=1).astype(np.uint8)[where.reshape(-1)].reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), rows]).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", palette.tobytes()) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


class Album:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, person: Person, name: str) -> None:
        """A picture of the whole window, once it has drawn what it has got."""
        page = person.page
        page.mouse.move(700, 760)
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(600)
        target = self.folder / f"{name}.png"
        target.write_bytes(shrink(page.screenshot(animations="disabled", style=STILL)))
        size = target.stat().st_size
        print(f"{name}: {size // 1024} kB")
        if size > LARGEST:
            raise SystemExit(f"{target.name} has {size} bytes, more than {LARGEST}")


def sign_in(album: Album, cast: Cast, centre: Centre) -> Person:
    emma = cast.person(centre, 800)
    emma.go("/account/login/")
    album.take(emma, "sign-in")
    return emma.sign_in("emma")


def a_call(album: Album, cast: Cast, centre: Centre, folder: Path) -> None:
    """Noor's call: idle, offered, taken, solved, given on, wrapped up."""
    emma = sign_in(album, cast, centre).phone()
    joris = cast.agent(centre, "joris", 1200).speak("en").phone()
    joris.go("/desk/")
    album.take(emma, "desktop-idle")
    emma.ready()
    noor = Sipp(centre, folder, seconds=900)
    try:
        emma.phase("offered", 90)
        album.take(emma, "desktop-offer")
        emma.press("F2").phase("talking").hears(440)
        emma.press("Alt+n").page.keyboard.type("E18 since this morning, water stays in the drum, filter cleaned by herself")
        emma.page.wait_for_selector("#work .cb-solutions details[open]")
        emma.sees("#pad-kept", "Kept")
        album.take(emma, "desktop-call")
        for language, name in (("th", "desktop-call-th"), ("zh-hans", "desktop-call-zh"), ("nl", "desktop-call-nl"), ("ru", "desktop-call-ru")):
            emma.speak(language).go("/desk/")
            emma.phone()
            album.take(emma, name)
        emma.speak("en").go("/desk/")
        emma.phone().page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
        album.take(emma, "desktop-call-dark")
        emma.page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
        emma.page.click("#pad [popovertarget=pad-into]")
        album.take(emma, "put-into")
        emma.page.click("#pad-into >> text=A new ticket")
        emma.page.wait_for_selector("#ticket-form")
        album.take(emma, "ticket-new")
        emma.page.click("#ticket-form button[type=submit]")
        emma.page.wait_for_selector("#work .cb-doc")
        album.take(emma, "ticket")
        emma.page.click("#work [data-tab=history]")
        emma.page.wait_for_selector("#work [aria-selected=true] >> text=History")
        album.take(emma, "history")
        joris.phone().ready()
        emma.press("F8").page.wait_for_selector("#targets >> text=Joris Visser")
        album.take(emma, "consult-choose")
        emma.page.click("#targets >> text=Joris Visser")
        joris.phase("offered").press("F2").phase("consulted")
        emma.page.click("#work [data-tab=overview]")
        emma.phase("consulting")
        album.take(emma, "consult")
        album.take(joris, "consult-colleague")
        emma.press("F7").phase("wrapup")
        emma.page.wait_for_selector("#work [data-number='1']")
        emma.page.click("#work .cb-choice-grid >> text=Fault or error code")
        emma.page.wait_for_selector("#work .cb-chip")
        emma.page.click("#work [role=radio] >> text=Ticket opened")
        emma.page.wait_for_selector("#work [role=radio][aria-checked=true]")
        album.take(emma, "wrap-up")
        femke = cast.agent(centre, "femke", 500)
        femke.go("/board/")
        femke.page.wait_for_selector("#stage")
        femke.page.wait_for_timeout(1500)
        album.take(femke, "live-board")
        emma.press("F12").phase("idle")
        joris.phase("talking").press("F10").phase("wrapup")
        joris.press("F12").phase("idle")
        noor.ended(30)
    finally:
        noor.stop()
    emma.press("F11").page.wait_for_selector("#mystate .cb-state[data-state=notready]")
    emma.go("/customers/?q=vries")
    album.take(emma, "customers")
    emma.page.click("#stage a >> text=Noor de Vries")
    emma.page.wait_for_selector("#stage h1")
    album.take(emma, "customer")
    emma.go("/knowledge/?q=E18")
    album.take(emma, "knowledge")
    emma.go("/account/settings/")
    album.take(emma, "settings")


def from_a_web_page(album: Album, cast: Cast, centre: Centre) -> None:
    guest = cast.person(centre, 620, (390, 760))
    guest.go("/call?line=100")
    album.take(guest, "call-page")
    guest.page.fill("#call-name", "Alice Jansen")
    guest.page.click("[data-part=call]")
    guest.page.wait_for_selector("#call[data-phase=up]")
    album.take(guest, "call-page-up")
    guest.page.click("[data-part=hang-up]")
    guest.page.wait_for_selector("#call[data-phase=ended]")


def beside_the_desk(album: Album, cast: Cast, centre: Centre) -> None:
    """What people open when nobody is on the line."""
    joris = cast.agent(centre, "joris", 1200).speak("en")
    for path, name in (("/worklist/", "work-list"), ("/my-day/", "my-day")):
        joris.go(path)
        album.take(joris, name)
    femke = cast.agent(centre, "femke", 500)
    for path, name in (("/figures/", "figures"), ("/announcements/", "prompts"), ("/policies/voice/", "policy")):
        femke.go(path)
        album.take(femke, name)
    femke.go("/flows/service-line/")
    femke.page.wait_for_selector(".react-flow__node >> nth=5")
    album.take(femke, "designer")


def the_service_desk(album: Album, cast: Cast, centre: Centre) -> None:
    """Tickets, visits and what heads of units see, in the demo's own work; the customer's side on a telephone."""
    sanne = cast.agent(centre, "sanne", 500).speak("en")
    for path, name in (
        ("/tickets/?view=open", "tickets"),
        ("/appointments/?view=team", "calendar"),
        ("/workload/", "workload"),
    ):
        sanne.go(path)
        album.take(sanne, name)
    for title, name in (("White film on every glass", "ticket-page"), ("Waited forty minutes on the telephone", "complaint")):
        sanne.go(f"/tickets/?q={quote(title)}")
        sanne.page.click(f"#stage a >> text={title} >> nth=0")
        sanne.page.wait_for_selector("#ticket-acts")
        album.take(sanne, name)
    guest = cast.person(centre, 620, (390, 760))
    guest.go("/ask/help/")
    album.take(guest, "ask-form")


def main(folder: Path) -> None:
    album = Album(folder)
    centre = centres.make(cluster=None, arguments=("--demo",)).start().up(480)
    try:
        with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
            cast = Cast(play, Path(scratch))
            try:
                a_call(album, cast, centre, Path(scratch))
                from_a_web_page(album, cast, centre)
                beside_the_desk(album, cast, centre)
                the_service_desk(album, cast, centre)
            finally:
                cast.close()
    finally:
        centres.discard(centre)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/guide/pictures")
