"""What catalogue declares to the log."""

from __future__ import annotations

from cordboard.events.catalogue import declare

declare("catalogue.product_registered", version=1, fields={"party": int, "registered": int}, topics=lambda body: [f"party:{body['party']}"])
declare("catalogue.fault_recorded", version=1, fields={"party": int, "registered": int, "fault": int}, topics=lambda body: [f"party:{body['party']}"])
