import { afterEach, expect, it, vi } from "vitest";
import { Peer, type PeerListener } from "../src/softphone/peer";

class Track {
  enabled = true;
  stopped = false;
  readonly clones: Track[] = [];
  clone(): Track {
    const made = new Track();
    this.clones.push(made);
    return made;
  }
  stop(): void {
    this.stopped = true;
  }
}

const microphone = (track: Track) => ({ getAudioTracks: () => [track] }) as unknown as MediaStream;

afterEach(() => vi.unstubAllGlobals());

it("mutes the microphone that is used now, not the one before", async () => {
  const sender = {
    track: null as unknown,
    replaceTrack: async (track: unknown): Promise<void> => {
      sender.track = track;
    },
  };
  vi.stubGlobal(
    "RTCPeerConnection",
    class {
      addEventListener(): void {}
      addTransceiver(track: unknown): object {
        sender.track = track;
        return {};
      }
      getSenders(): unknown[] {
        return [sender];
      }
    },
  );
  const listener = { offered: () => undefined, broken: () => undefined, media: () => undefined, sound: () => undefined } as PeerListener;
  const [first, second] = [new Track(), new Track()];
  const peer = new Peer(microphone(first), "opus", listener);
  await peer.replaceMicrophone(microphone(second), false);
  peer.mute(true);
  expect((sender.track as Track).enabled).toBe(false);
  expect(sender.track).toBe(second.clones[0]);
  expect(first.clones[0]?.stopped).toBe(true);
  expect([first.stopped, second.stopped]).toEqual([false, false]);
  peer.mute(false);
  expect((sender.track as Track).enabled).toBe(true);
});
