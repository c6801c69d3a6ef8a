from cordboard.lib.apps import CordboardApp


class Guidance(CordboardApp):
    name = "cordboard.guidance"
    label = "guidance"
