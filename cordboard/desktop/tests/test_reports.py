"""A report made from a script: in the customer's language, on the screen and as PDF; and how the script was gone through."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cordboard.flows import actions
from cordboard.guidance import actions_script as scripts
from cordboard.guidance.models import ContactReport, ScriptRecord
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.routing.tests.centre import Centre, party

GRAPH: dict[str, Any] = {
    "schema": 1, "languages": ["en", "th"], "fallback": "en", "start": "notice", "variables": {"kind": {"type": "choice"}, "street": {"type": "text"}},
    "steps": {
        "notice": {"type": "say", "must": True, "texts": {"en": "I note this.", "th": "ฉันจดไว้"}, "next": "kind"},
        "kind": {
            "type": "ask", "kind": "choice", "texts": {"en": "House or flat?", "th": "บ้านหรือห้องชุด"}, "into": "kind", "next": "street",
            "choices": [{"value": "house", "texts": {"en": "A house", "th": "บ้าน"}}, {"value": "flat", "texts": {"en": "A flat", "th": "ห้องชุด"}, "next": "report"}],
        },
        "street": {"type": "ask", "kind": "text", "title": "Street", "texts": {"en": "Which street?", "th": "ถนนอะไร"}, "into": "street", "next": "report"},
        "report": {
            "type": "document", "name": "contact_report", "args": {"title": "Moving", "text": "{kind} {street}\n<b>#set</b> 投诉"}, "next": "end", "failed": "end",
        },
        "end": {"type": "end", "reason": "done"},
    },
}  # fmt: skip


@pytest.fixture
def call(centre: Centre) -> Interaction:
    actions.publish(actions.create("move", "Moving house", ["script"], None, graph=GRAPH).pk, None)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    nok = party("Nok", kind="person", customer_number="44712260", languages=["th"])
    Interaction.objects.filter(pk=call.pk).update(subject=nok, language="th")
    interactions.add_reason(centre.alice, call.pk, "noise", now=centre.now)
    run = scripts.start_script(call.pk, "move", centre.alice, now=centre.now).run
    for value in ("house", "Lange Voorhout"):
        scripts.answer(run, value, centre.alice, now=centre.later(4))
    scripts.finish(run, centre.alice, why="She knew.", now=centre.now)
    return call


def test_the_report_is_in_the_customers_language_and_in_others(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    url = f"/reports/{ContactReport.objects.get().pk}/"
    page = client.get(url).content.decode()
    assert '<article class="cb-report" lang="th">' in page
    assert all(one in page for one in ("Moving", "Nok", "44712260", "ถนนอะไร", "Lange Voorhout", "บ้าน", "&lt;b&gt;#set&lt;/b&gt; 投诉"))
    assert "House or flat?" in client.get(f"{url}?language=en").content.decode()
    assert "ถนนอะไร" in client.get(f"{url}?language=nl").content.decode()  # the script has no Dutch: as it was asked
    client.force_login(centre.dave)
    assert client.get(url).status_code == 403
    assert client.get("/reports/99999/").status_code == 403


def test_the_report_as_pdf(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    answer = client.get(f"/reports/{ContactReport.objects.get().pk}/report.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith('inline; filename="moving-')
    assert len(answer.content) > 5_000


def test_answers_and_report_stand_in_the_history_and_lead_to_their_pages(centre: Centre, call: Interaction, client: Client) -> None:
    client.force_login(centre.alice)
    record = ScriptRecord.objects.get()
    page = client.get(f"/desk/?interaction={call.pk}&tab=history").content.decode()
    assert f'href="/scripts/{record.pk}/"' in page
    assert "Script: Moving house" in page
    assert "Street: Lange Voorhout" in page
    assert f'href="/reports/{ContactReport.objects.get().pk}/"' in page
    page = client.get(f"/desk/?interaction={call.pk}&tab=history&q=voorhout").content.decode()
    assert "Script: Moving house" in page
    page = client.get(f"/scripts/{record.pk}/").content.decode()
    assert all(one in page for one in ("Moving house", "Street", "Lange Voorhout", "missing", "She knew."))
    client.force_login(centre.dave)
    assert client.get(f"/scripts/{record.pk}/").status_code == 403
