"""What org declares to the log."""

from __future__ import annotations

from cordboard.events.catalogue import declare

declare("org.signed_in", version=1, fields={"user": int}, topics=lambda body: [f"user:{body['user']}"])
declare("org.session_ended", version=1, fields={"user": int, "session": str}, topics=lambda body: [f"user:{body['user']}"])
declare("org.access_changed", version=1, fields={"user": int}, topics=lambda body: [f"user:{body['user']}"])
declare("org.settings_changed", version=1, fields={"user": int, "fields": list}, topics=lambda body: [f"user:{body['user']}"])
