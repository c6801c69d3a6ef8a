from cordboard.lib.apps import CordboardApp


class Portals(CordboardApp):
    name = "cordboard.portals"
    label = "portals"
