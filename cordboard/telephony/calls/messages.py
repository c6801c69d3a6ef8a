"""A message left on the line (voicemail): what is said before it, the recording of it, its end. Nobody else is in the call meanwhile."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.state import Message
from cordboard.telephony.calls.step import Step

ANY_KEY = "0123456789*#ABCD"


class Messages(Step):
    def take_message(self, wish: h.TakeMessage) -> None:
        """Say what is to be said, then record. The caller must be alone with us."""
        call = self.call
        if not call.up or call.ending or call.main is not None or call.message is not None:
            self.out.append(h.MessageTaken(wish.recording, wish.path, 0.0, "somebody talks"))
            return
        self.silence()
        playback = self.serial("p")
        self.out.append(driver.Play(call.leg, playback, wish.prompts, False))
        until = self.now + state.PROMPT_WITHIN + wish.seconds
        self.call = replace(self.call, message=Message(wish.recording, wish.path, wish.seconds, playback=playback, until=until))

    def message_said(self, event: driver.PlayEnded) -> bool:
        """What was said before it is over: the recording begins. Whether it was that."""
        message = self.call.message
        if message is None or not event.playback or event.playback != message.playback:
            return False
        collection = self.serial("k")
        self.call = replace(
            self.call, message=replace(message, playback="", collection=collection, started=True, until=self.now + message.seconds + state.END_WITHIN)
        )
        self.out.append(driver.Record(self.call.call, message.recording, message.path, self.call.leg))
        self.out.append(driver.CollectKeys(self.call.leg, collection, 1, "", message.seconds, message.seconds, ANY_KEY))
        return True

    def message_keyed(self, event: driver.KeysCollected) -> bool:
        """A key, or the time is over: the recording ends. Whether it was its collection."""
        message = self.call.message
        if message is None or not event.collection or event.collection != message.collection:
            return False
        self.stop_message()
        return True

    def stop_message(self) -> None:
        message = self.call.message
        if message is None or message.stopping:
            return
        if not message.started:
            self.call = replace(self.call, message=None)
            self.out.append(h.MessageTaken(message.recording, message.path, 0.0, ""))
            return
        self.out.append(driver.StopRecording(self.call.call, message.recording))
        self.call = replace(self.call, message=replace(message, collection="", stopping=True, until=self.now + state.END_WITHIN))

    def message_ended(self, recording: str, seconds: float, error: str) -> bool:
        """The file is complete. Whether it was the message's."""
        message = self.call.message
        if message is None or message.recording != recording:
            return False
        self.call = replace(self.call, message=None)
        self.thinking()
        self.out.append(h.MessageTaken(message.recording, message.path, seconds, error))
        return True

    def message_time(self) -> None:
        """The driver has lost it."""
        message = self.call.message
        if message is None or self.now < message.until:
            return
        if message.stopping or not message.started:
            self.message_ended(message.recording, 0.0, "lost")
        else:
            self.stop_message()
