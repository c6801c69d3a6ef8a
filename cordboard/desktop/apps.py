from cordboard.lib.apps import CordboardApp


class Desktop(CordboardApp):
    name = "cordboard.desktop"
    label = "desktop"
