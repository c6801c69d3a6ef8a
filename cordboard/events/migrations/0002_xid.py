"""On PostgreSQL every event keeps the id of the transaction that wrote it: what makes a snapshot usable as a cursor."""

from django.db import migrations


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE events_event ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id()")
        schema_editor.execute("CREATE INDEX events_event_xid ON events_event (xid, id)")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE events_event DROP COLUMN xid")


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
