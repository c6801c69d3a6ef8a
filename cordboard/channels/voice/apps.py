from cordboard.lib.apps import CordboardApp


class Voice(CordboardApp):
    name = "cordboard.channels.voice"
    label = "voice"
