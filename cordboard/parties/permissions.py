"""What may be done with customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import declare

declare("parties.view", _("See customers and find them"))
declare("parties.create", _("Create a customer"))
declare("parties.change", _("Change a customer's details"))
declare("parties.own", _("Be the account owner of customers"))
declare("parties.assign", _("Give a customer another account owner"))
declare("parties.merge", _("Join two records of one customer"))
