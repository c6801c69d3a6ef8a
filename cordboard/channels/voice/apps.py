from importlib import import_module

from cordboard.lib.apps import CordboardApp


class Voice(CordboardApp):
    name = "cordboard.channels.voice"
    label = "voice"

    def ready(self) -> None:
        super().ready()
        import_module("cordboard.channels.voice.guests")
