from cordboard.lib.apps import CordboardApp


class Tickets(CordboardApp):
    name = "cordboard.tickets"
    label = "tickets"
