"""Every screen in five languages: the right status and language, nothing cut off or beside the page, no English left over, a strict content security policy."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import polib
import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import AREAS, IN_BROWSERS, NOOR, Cast, Person, until
from tests.voice.hands import Hands

LANGUAGES = ["en", "nl", "ru", "th", "zh-hans"]
LOCALE = Path(__file__).parents[2] / "cordboard/locale"

pytestmark = IN_BROWSERS

PUBLIC = [("/account/login/", 200), ("/call?line=100", 200), ("/ask/help/", 200), ("/no-such-page/", 404)]
AGENT = [
    ("/desk/", 200),
    ("/customers/", 200),
    ("/customers/?q=vries", 200),
    ("/customers/new/", 200),
    ("/appointments/", 200),
    ("/appointments/?view=team", 200),
    ("/appointments/new/", 200),
    ("/knowledge/", 200),
    ("/approvals/", 200),
    ("/tickets/", 200),
    ("/tickets/new/", 200),
    ("/tasks/new/", 200),
    ("/tickets/?view=open", 200),
    ("/tickets/?q=nothing-like-it", 200),
    ("/cases/", 200),
    ("/cases/new/", 200),
    ("/service-orders/", 200),
    ("/visits/", 200),
    ("/worklist/", 200),
    ("/worklist/?which=unit", 200),
    ("/worklist/callbacks/", 200),
    ("/my-customers/", 200),
    ("/absences/", 200),
    ("/account/settings/", 200),
    ("/account/sessions/", 200),
    ("/account/password/", 200),
    ("/account/2fa/", 200),
    ("/account/2fa/app/activate/", 200),
    ("/board/", 403),
    ("/customers/999999999/", 404),
]
MANAGER = [
    ("/board/", 200),
    ("/workload/", 200),
    ("/my-customers/owners/", 200),
    ("/customers/", 200),
    ("/settings/queues/", 200),
    ("/settings/trunks/", 200),
    ("/settings/trunks/new/", 200),
    ("/settings/limits/", 200),
    ("/settings/limits/0/", 200),
    ("/settings/services/", 200),
    ("/settings/lookups/new/", 200),
    ("/policies/", 200),
    ("/policies/voice/", 200),
    ("/flows/", 200),
    ("/figures/guidance/", 200),
    ("/figures/scripts/", 200),
    ("/figures/scripts/contacts/", 200),
    ("/settings/scripts/", 200),
    ("/settings/calendars/", 200),
    ("/settings/calendars/new/", 200),
    ("/settings/service-levels/", 200),
    ("/settings/service-levels/new/", 200),
    ("/settings/service-levels/pauses/", 200),
    ("/settings/scripts/new/", 200),
    ("/figures/surveys/", 200),
    ("/figures/surveys/answers/", 200),
    ("/settings/surveys/", 200),
    ("/settings/ticket-surveys/", 200),
    ("/settings/ticket-surveys/1/", 200),
    ("/settings/ticket-kinds/", 200),
    ("/settings/ticket-kinds/new/", 200),
    ("/settings/ticket-forms/", 200),
    ("/settings/ticket-forms/new/", 200),
    ("/settings/levels/", 200),
    ("/settings/level-items/", 200),
    ("/settings/incidents/", 200),
    ("/settings/service-staff/", 200),
    ("/settings/service-staff/new/", 200),
    ("/settings/service-areas/", 200),
    ("/settings/service-areas/new/", 200),
    ("/settings/visit-kinds/", 200),
    ("/settings/visit-kinds/new/", 200),
    ("/incidents/", 200),
    ("/figures/complaints/", 200),
    ("/figures/complaints/tickets/", 200),
    ("/settings/complaints/", 200),
    ("/settings/complaints/3/", 200),
    ("/settings/complaints/7/", 200),
    ("/settings/mail/", 200),
    ("/knowledge/drafts/", 200),
]
ADMIN = [("/settings/people/", 200), ("/settings/people/new/", 200), ("/settings/people/999999999/", 404)]

TELLING = {"/account/login/": "Sign in", "/desk/": "Scratch pad", "/board/": "Live board", "/call?line=100": "Hang up"}
"""Words that must be there in the reader's language, so that a catalogue that is not loaded at all cannot pass."""

TEXTS = """() => {
  const found = new Set();
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.replace(/\\s+/g, " ").trim();
    const parent = walker.currentNode.parentElement;
    if (text && !["SCRIPT", "STYLE", "TEXTAREA", "OPTION"].includes(parent.tagName) && shown(parent)) found.add(text);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    for (const name of ["aria-label", "title", "placeholder"]) if (element.getAttribute(name)) found.add(element.getAttribute(name).replace(/\\s+/g, " ").trim());
  }
  return [...found];
}"""

BESIDE = """() => [document.scrollingElement.scrollWidth, innerWidth]"""

CUT = """() => {
  // What a person reads or presses and cannot see whole: text wider than its place where the place hides it without saying so by an ellipsis,
  // and anything that sticks out of the window.
  const wrong = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  for (const element of document.querySelectorAll("button, a, h1, h2, h3, label, dt, dd, th, td, kbd, p, b, [role=tab], .cb-tag, .cb-state")) {
    if (!shown(element) || element.closest(".cb-skip")) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const words = element.textContent.replace(/\\s+/g, " ").trim().slice(0, 40);
    if (box.right > innerWidth + 1 || box.left < -1) { wrong.push(`out of the window: ${element.tagName} ${words}`); continue; }
    const style = getComputedStyle(element);
    if (style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1) wrong.push(`cut off: ${element.tagName} ${words}`);
    if (element.matches("button, [role=tab], h1, h2") && style.overflowX === "visible" && element.scrollWidth > element.clientWidth + 1 && element.clientWidth) wrong.push(`wider than its place: ${element.tagName} ${words}`);
  }
  return wrong;
}"""


@cache
def translated(language: str) -> dict[str, str]:
    """What the catalogue has in other words: seen as it stands in English, it was left over."""
    folder = {"zh-hans": "zh_Hans"}.get(language, language)
    entries = polib.pofile(str(LOCALE / folder / "LC_MESSAGES/django.po")).translated_entries()
    return {entry.msgid: entry.msgstr for entry in entries if entry.msgid != entry.msgstr and "%(" not in entry.msgid and len(entry.msgid) > 3}


DATA = {
    "Administrator",
    "Team lead",
    "Dutch",
    "Service",
    "Customer value",
    "Complaint",
    "Orders and delivery",
    "Collections",
    "Agent",
    "Manager",
    "English",
} | {
    "Calling out and calling back",
    "Were you helped",
    "How did we help you?",
    "After the call",
    "Goodwill",
    "Gold",
    "Standard",
    "Product safety",
    "Technician",
    "order",
    "product",
}
"""Names that the demo's people gave, and the name of a language in itself: they are as they are in every language."""


def holds(person: Person, language: str, where: str) -> None:
    """What must be so of every screen."""
    page = person.page
    assert page.get_attribute("html", "lang").lower() == {"zh-hans": "zh-hans"}.get(language, language), where
    width, window = page.evaluate(BESIDE)
    assert width <= window, f"{where} in {language} is {width} wide"
    assert page.evaluate(CUT) == [], f"{where} in {language}"
    if language != "en":
        left = sorted((set(page.evaluate(TEXTS)) & translated(language).keys()) - DATA)
        assert left == [], f"{where} in {language} is still English"


def visit(person: Person, path: str, status: int, language: str) -> None:
    person.complaints.clear()
    answer = person.go(path)
    assert answer.status == status, path
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy, path
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, policy
    holds(person, language, path)
    if status == 200 and path in TELLING and language != "en":
        assert translated(language)[TELLING[path]] in person.page.content(), f"{path} in {language}"
    # that a page with 404 is a 404 is written into the console by the browser itself
    assert [said for said in person.complaints if f"status of {status}" not in said] == [], path


@pytest.mark.timeout(900)  # some hundred pages
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_speaks_the_language(cast: Cast, demo_centre: Centre, demo_hands: Hands, language: str) -> None:
    guest = cast.person(demo_centre, 500)
    guest.go("/account/login/")
    guest.speak(language)
    for path, status in PUBLIC:
        visit(guest, path, status, language)
    visit(guest, demo_hands.do(SURVEY, language=language), 200, language)
    for path in demo_hands.do(CUSTOMERS, language=language):
        visit(guest, path, 200, language)
    tom = guest.sign_in("tom").speak(language)
    try:
        until(lambda: tom.page.query_selector("#desk"))
        article, customer = demo_hands.do(ARTICLE_AND_NOOR)
        service = [(path, 200) for path in demo_hands.do(SERVICE)]
        for path, status in [*AGENT, *service, (f"/customers/{customer}/", 200), (f"/knowledge/{article}/", 200)]:
            visit(tom, path, status, language)
    finally:
        tom.speak("en")
    tom.page.context.clear_cookies()
    femke = tom.sign_in("femke").speak(language)
    try:
        for path, status in [*MANAGER, *((path, 200) for path in demo_hands.do(LEAVER))]:
            visit(femke, path, status, language)
    finally:
        femke.speak("en")
    femke.page.context.clear_cookies()
    admin = femke.sign_in("admin").speak(language)
    try:
        for path, status in ADMIN:
            visit(admin, path, status, language)
    finally:
        admin.speak("en")


@pytest.mark.timeout(480)
def test_a_call_is_whole_in_every_language(cast: Cast, demo_centre: Centre, demo_hands: Hands) -> None:
    """Ringing, talking, wrapping up: the same call, looked at in each language."""
    emma = cast.agent(demo_centre, "emma", 800).ready()
    demo_hands.do("Queue.objects.filter(code='service').update(ring_seconds=90, wrapup_seconds=300)")
    caller = subprocess.Popen(
        [sys.executable, "-m", "cordboard", "call", "--to", "100", "--from", NOOR, "--keys", ",0", "--port", str(demo_centre.sip_port), "--for", "200"],
        env=demo_centre.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        emma.phase("offered", 60)
        in_all(emma, "offered")
        emma.press("F2").phase("talking")
        emma.press("Alt+n").page.keyboard.type("E18, water stays in the drum")
        emma.page.wait_for_selector("#work .cb-solutions")
        for panel in ("overview", "history", "knowledge", "ticket", "new-ticket", "details", "find", "create", "why"):
            in_all(emma, "talking", panel)
        emma.go("/desk/")
        emma.phase("talking").press("F10").phase("wrapup")
        in_all(emma, "wrapup")
        emma.press("F12").phase("idle")
    finally:
        caller.terminate()
        caller.wait(20)
        emma.speak("en")
        demo_hands.do("Queue.objects.filter(code='service').update(ring_seconds=20, wrapup_seconds=60)")


def in_all(emma: Person, phase: str, panel: str = "") -> None:
    """The desk with this panel in each language; the seven areas stand in the window."""
    for language in LANGUAGES:
        emma.speak(language).complaints.clear()
        assert emma.go(f"/desk/?tab={panel}" if panel else "/desk/").status == 200
        emma.phase(phase)
        where = f"the desk, {phase} {panel}"
        for name, area in AREAS.items():
            box = emma.page.locator(area).bounding_box()
            assert box is not None, f"{name}: {where} in {language}"
            assert box["x"] >= 0, name
            assert box["y"] >= 0, name
            assert box["x"] + box["width"] <= 1366, f"{name}: {where} in {language}"
            assert box["y"] + box["height"] <= 768, f"{name}: {where} in {language}"
        holds(emma, language, where)
        assert emma.complaints == [], where
    emma.speak("en").go("/desk/")


SURVEY = """
from cordboard.guidance import actions_survey
f"/survey/{actions_survey.invite('satisfaction', None, language=language).token}/"
"""
CUSTOMERS = """
from django.utils import timezone
from cordboard.org.models import Unit
from cordboard.tickets.actions_access import access, token_of
from cordboard.tickets.models import Ticket, TicketForm
TicketForm.objects.get_or_create(code="service", defaults={"unit": Unit.objects.first(), "names": {"en": "Lampketel"}, "active": True})
way = access(Ticket.objects.order_by("pk").first(), "reader@example.com", now=timezone.now())
[f"/ticket/{token_of(way)}/?language={language}", f"/ask/service/?language={language}"]
"""
SERVICE = """
from cordboard.appointments.models import Appointment, Staff
from cordboard.tickets.models_case import Case
from cordboard.tickets.models_order import ServiceOrder
def first(rows): return rows.order_by("pk").first()
visit, planned, signed = first(Appointment.objects.filter(state="booked", of_order=None)), first(ServiceOrder.objects.filter(state="planned")), first(ServiceOrder.objects.filter(state="confirmed"))
[f"/appointments/{visit.pk}/", f"/appointments/new/?party={planned.party_id}&order={planned.number}", f"/service-orders/{planned.number}/", f"/service-orders/{signed.number}/",
 f"/visits/{planned.number}/", f"/cases/{first(Case.objects).number}/"]
"""
LEAVER = """
from cordboard.appointments.models import Area, Staff, VisitKind
[f"/hand-over/?agent={Staff.objects.order_by('pk').first().user_id}", f"/settings/service-staff/{Staff.objects.order_by('pk').first().pk}/", f"/settings/service-areas/{Area.objects.first().pk}/",
 f"/settings/visit-kinds/{VisitKind.objects.first().pk}/"]
"""
ARTICLE_AND_NOOR = "[Article.objects.order_by('pk').first().pk, Party.objects.get(customer_number='44710938').pk]"
