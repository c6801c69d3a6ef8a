"""The demo's scripts: the faults of a product are asked about in the order of what broke most often."""

from __future__ import annotations

from datetime import date

from cordboard.catalogue.models import Fault, Product, RegisteredProduct
from cordboard.catalogue.queries import fault_history
from cordboard.demo.sources import folder
from cordboard.flows import actions
from cordboard.flows.effects import Instruct
from cordboard.guidance import actions_script as scripts
from cordboard.guidance.queries_script import reports_of
from cordboard.interactions.models import Interaction
from cordboard.parties.models import Party
from cordboard.routing.tests.centre import Centre


def washer(party: Party, serial: str, *codes: str, centre: Centre) -> None:
    product, _made = Product.objects.get_or_create(code="w8", defaults={"family": "washing-machine", "names": {"en": "W8"}})
    owned = RegisteredProduct.objects.create(party=party, product=product, serial=serial, bought_on=date(2025, 1, 1), warranty_until=date(2027, 1, 1))
    for number, code in enumerate(codes):
        Fault.objects.create(product=owned, code=code, text=f"Fault {code}", at=centre.later(number))


def test_the_most_frequent_faults_come_first_ones_own_before_all(centre: Centre) -> None:
    noor, others = (Party.objects.create(kind="person", name=name, created_at=centre.now) for name in ("Noor", "Others"))
    washer(noor, "A1", "E21", centre=centre)
    washer(others, "B1", "E05", "E05", "E18", centre=centre)
    assert fault_history(noor.pk, "").codes == ["E21", "E05", "E18"]
    assert fault_history(noor.pk, "A1").codes == ["E21", "E05", "E18"]
    assert fault_history(None, "w8").codes == ["E05", "E18", "E21"]
    assert fault_history(None, "washing-machine").own == 0
    assert fault_history(None, "") is None
    assert fault_history(others.pk, "toaster") is None
    for spec in folder("flows"):
        if spec["code"] == "fault":
            actions.publish(actions.create(spec["code"], spec["name"], spec["surfaces"], None, graph=spec["graph"]).pk, None)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    Interaction.objects.filter(pk=call.pk).update(subject=noor, language="nl")
    page = scripts.start_script(call.pk, "fault", centre.alice, now=centre.now)
    assert [value for value, _words in page.question.options] == ["E21", "E05", "E18"]
    # what to do is said in the agent's language, not in the customer's
    assert "Last time it was: Fault E21. Ask whether it is the same again." in [one.text for one in page.told if isinstance(one, Instruct)]
    page = scripts.answer(page.run, "E18", centre.alice, now=centre.now)
    page = scripts.answer(page.run, "yes", centre.alice, now=centre.now)
    assert page.ended == "done"
    (report,) = reports_of(call.pk)
    assert "Fault: E18" in report.text
    assert "Helped: yes" in report.text
