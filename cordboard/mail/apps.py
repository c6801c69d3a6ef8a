from cordboard.lib.apps import CordboardApp


class Mail(CordboardApp):
    name = "cordboard.mail"
    label = "mail"

    def ready(self) -> None:
        super().ready()
        from cordboard.mail import for_tickets  # noqa: F401  it offers itself as a carrier
