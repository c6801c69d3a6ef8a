"""The event log: what happened, who did it, and how everyone else hears of it.

`catalogue.declare` says what may be recorded, `log.record` appends inside the action's own transaction, `feed` reads what
committed since a cursor (with and without Django), `doorbell` wakes the readers, `subscribers` run code for each event at
least once, `topics` and `hub` carry events to the screens. `lease` decides which process does what only one may do.
"""
