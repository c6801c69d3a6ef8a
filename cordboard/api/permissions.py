"""Which operations programs may be given a token for."""

from __future__ import annotations

from cordboard.flows import permissions as flows
from cordboard.org.tokens import offer_scope
from cordboard.rules import permissions as rules

for _code in (flows.VIEW, rules.VIEW, "tickets.view"):
    offer_scope(_code)
for _code in (flows.DESIGN, flows.PUBLISH, rules.EDIT, rules.PUBLISH, "tickets.open", "tickets.change"):
    offer_scope(_code, writes=True)
