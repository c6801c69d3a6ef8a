"""What flows declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _of(body: dict[str, Any]) -> list[str]:
    return ["flows", f"flow:{body['code']}"]


CREATED = declare("flows.created", version=1, fields={"flow": int, "code": str}, topics=_of)
DRAFT_SAVED = declare("flows.draft_saved", version=1, fields={"flow": int, "code": str, "version": int, "revision": int}, topics=_of)
DRAFT_DELETED = declare("flows.draft_deleted", version=1, fields={"code": str, "version": int}, topics=_of)
PUBLISHED = declare("flows.published", version=1, fields={"flow": int, "code": str, "version": int, "before": int | None}, topics=_of)
RETIRED = declare("flows.retired", version=1, fields={"flow": int, "code": str, "version": int}, topics=_of)
TEST_SAVED = declare("flows.test_saved", version=1, fields={"test": int, "code": str}, topics=_of)
TEST_DELETED = declare("flows.test_deleted", version=1, fields={"test": int, "code": str}, topics=_of)
SERVICE_SET = declare("flows.service_set", version=1, fields={"service": int, "code": str, "fields": list[str], "new": bool}, topics=lambda body: ["flows"])
SERVICE_DELETED = declare("flows.service_deleted", version=1, fields={"service": int, "code": str}, topics=lambda body: ["flows"])
LOOKUP_SET = declare("flows.lookup_set", version=1, fields={"lookup": int, "code": str, "fields": list[str], "new": bool}, topics=lambda body: ["flows"])
LOOKUP_DELETED = declare("flows.lookup_deleted", version=1, fields={"lookup": int, "code": str}, topics=lambda body: ["flows"])
