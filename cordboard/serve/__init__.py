"""`cordboard serve`: the supervisor, and the roles that are not a package's own (Django, worker)."""
