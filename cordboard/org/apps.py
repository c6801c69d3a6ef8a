from cordboard.lib.apps import CordboardApp


class Org(CordboardApp):
    name = "cordboard.org"
    label = "org"
