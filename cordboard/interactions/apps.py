from cordboard.lib.apps import CordboardApp


class Interactions(CordboardApp):
    name = "cordboard.interactions"
    label = "interactions"

    def ready(self) -> None:
        super().ready()
        from cordboard.interactions import queries_history  # noqa: F401  it offers contacts to the timeline
