from cordboard.lib.apps import CordboardApp


class Parties(CordboardApp):
    name = "cordboard.parties"
    label = "parties"
