"""The recording of the call: wanted, begun, ended on wish or by a fault, and what must not be in it."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.messages import Messages
from cordboard.telephony.calls.state import Recording


class Recordings(Messages):
    def record(self, wish: h.RecordCall) -> None:
        recording = self.call.recording
        if (recording is None or (recording.over and recording.recording != wish.recording)) and not self.call.ending:
            self.call = replace(self.call, recording=Recording(wish.recording, wish.path))

    def private(self, wish: h.Private) -> None:
        self.call = replace(self.call, private=wish.on)

    def stop_record(self, _: h.StopRecord) -> None:
        recording = self.call.recording
        if recording is None or recording.over or recording.stopping or self.call.ending:
            return
        if recording.started:
            self.out.append(driver.StopRecording(self.call.call, recording.recording))
            self.call = replace(self.call, recording=replace(recording, stopping=True))
        else:
            self.call = replace(self.call, recording=None)

    def recording_ended(self, event: driver.RecordingEnded) -> None:
        recording = self.call.recording
        if self.message_ended(event.recording, event.seconds, event.error):
            return
        if recording is not None and recording.recording == event.recording and (not recording.over or recording.broken):
            self.call = replace(self.call, recording=replace(recording, over=True, broken=False))
            self.out.append(h.RecordingDone(event.recording, event.seconds, event.error))

    def recording_broke(self, name: str, path: str, reason: str) -> None:
        """It goes on no more, and that is told at once; what its file has of the talk is told when it is complete, if ever."""
        self.recording_ended(driver.RecordingEnded(self.call.call, name, path, 0.0, reason))
        recording = self.call.recording
        if recording is not None and recording.recording == name and recording.started:
            self.call = replace(self.call, recording=replace(recording, broken=True))
