"""The desk's acts on calls, by their addresses."""

from __future__ import annotations

import pytest

from cordboard.desktop.presenters.telephone import phase, situation
from cordboard.desktop.telephone import Phase, allowed
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.queries import open_for_agent
from cordboard.org.models import Role, User
from cordboard.routing import actions as routing
from cordboard.routing.models import Parked
from cordboard.routing.tests.centre import Centre, segment


def may(user: User, call: Interaction) -> frozenset[str]:
    one = next(one for one in open_for_agent(user) if one.interaction.pk == call.pk)
    return allowed(situation(User.objects.get(pk=user.pk), one))


@pytest.mark.django_db
def test_consult_swap_merge_leave_by_address(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    alice = signed_in(centre.alice)
    assert alice.post(f"/desk/{call.pk}/consult/?agent={centre.bob.pk}").status_code == 204
    assert may(centre.alice, call) == {"complete", "back-out"}
    routing.accept_offer(centre.bob, call.pk)
    assert {"swap", "merge"} <= may(centre.alice, call)
    assert alice.post(f"/desk/{call.pk}/swap/").status_code == 204
    assert phase(open_for_agent(centre.alice)[0]) is Phase.SWAPPED
    assert alice.post(f"/desk/{call.pk}/merge/").status_code == 204
    assert phase(open_for_agent(centre.alice)[0]) is Phase.CONFERENCE
    assert phase(open_for_agent(centre.bob)[0]) is Phase.IN_CONFERENCE
    assert may(centre.bob, call) == {"hang-up"}
    assert alice.post(f"/desk/{call.pk}/leave-conference/").status_code == 204
    assert segment(call, centre.bob).kind == "transfer"
    refused = alice.post(f"/desk/{call.pk}/swap/")
    assert refused.status_code == 409
    assert "This contact is not yours." in refused.content.decode()


@pytest.mark.django_db
def test_a_number_outside_by_address(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    alice = signed_in(centre.alice)
    assert "dial" in may(centre.alice, call)
    refused = alice.post(f"/desk/{call.pk}/invite/", {"number": "112"})
    assert (refused.status_code, "Emergency" in refused.content.decode()) == (409, True)
    assert alice.post(f"/desk/{call.pk}/transfer/", {"number": "+31101234567"}).status_code == 204
    assert OutsideParty.objects.get().purpose == "transfer"
    assert may(centre.alice, call) == {"back-out"}
    assert alice.post(f"/desk/{call.pk}/back-out/").status_code == 204
    assert OutsideParty.objects.get().cause == "called_off"
    assert alice.post(f"/desk/{call.pk}/transfer/").status_code == 404


@pytest.mark.django_db
def test_parked_and_picked_up_by_address(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    assert signed_in(centre.alice).post(f"/desk/{call.pk}/park/", {"note": "wants the manual"}).status_code == 204
    place = Parked.objects.get().place
    bob = signed_in(centre.bob)
    assert bob.post("/desk/pick-up/", {"place": "sofa"}).status_code == 400
    assert bob.post("/desk/pick-up/", {"place": place}).status_code == 204
    assert segment(call, centre.bob).state == "active"
    assert bob.post("/desk/pick-up/", {"place": 799}).status_code == 409


@pytest.mark.django_db
def test_listening_in_by_address(centre: Centre) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "all"}
    role.save()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    assert signed_in(centre.bob).post(f"/board/{call.pk}/supervise/").status_code == 403
    carol = signed_in(centre.carol)
    assert carol.post(f"/board/{call.pk}/supervise/", {"mode": "shout"}).status_code == 404
    assert carol.post(f"/board/{call.pk}/supervise/", {"mode": "whisper"}).status_code == 204
    assert segment(call, centre.carol).mode == "whisper"
    assert all(one.kind != Segment.Kind.SUPERVISE for one in open_for_agent(centre.alice)[0].others), "alice is not shown who listens"
    assert carol.post(f"/board/{call.pk}/supervise/", {"mode": "barge"}).status_code == 204
    assert [one.kind for one in open_for_agent(centre.alice)[0].others] == ["supervise"], "who talks along is shown"
    assert carol.post(f"/board/{call.pk}/stop-supervising/").status_code == 204
    assert segment(call, centre.carol).state == "ended"
