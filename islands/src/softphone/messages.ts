// What a page's softphone and the switch say to one another. The catalogue is cordboard/telephony/softphone.py; these are the same names.

export type ToSwitch =
  | { type: "register"; tab: string; legs: string[]; softphone?: boolean }
  | { type: "unregister" }
  | { type: "offer"; leg: string; sdp: string }
  | { type: "decline"; leg: string; reason: string }
  | { type: "key"; leg: string; key: string }
  | { type: "media"; leg: string; state: string; round_trip: number; jitter: number; lost: number }
  | { type: "invite"; sdp: string; to: string }
  | { type: "hang_up"; leg: string };

/** A STUN or TURN server, with credentials that hold for this connection only. */
export interface IceServer {
  urls: string;
  username?: string;
  credential?: string;
}

export type FromSwitch =
  | { type: "register_again" }
  | { type: "replaced" }
  | { type: "connect"; leg: string; call: string; codec: string; ice?: IceServer[] | undefined }
  | { type: "answer"; leg: string; sdp: string }
  | { type: "drop"; leg: string; cause: string }
  | { type: "quality"; leg: string; mos: number }
  | { type: "placed"; call: string; leg: string }
  | { type: "ringing"; leg: string }
  | { type: "refused"; cause: string }
  | { type: "problem"; reason: string };

const KNOWN = new Set(["register_again", "replaced", "connect", "answer", "drop", "quality", "placed", "ringing", "refused", "problem"]);

/** A message of the switch's, or null when it is none that we know. */
export function fromSwitch(data: Record<string, unknown>): FromSwitch | null {
  return typeof data.type === "string" && KNOWN.has(data.type) ? (data as unknown as FromSwitch) : null;
}

export interface Quality {
  /** Milliseconds there and back. */
  roundTrip: number;
  /** Milliseconds. */
  jitter: number;
  /** Share of packets lost on the way to us, 0 to 1. */
  lost: number;
}

/** How well the call is heard, in the words of the catalogue: from the estimated mean opinion score (ITU-T G.107 annex B: below 3.6 many are dissatisfied, below 3.1 nearly all). */
export function grade(mos: number): "good" | "fair" | "bad" {
  return mos >= 3.6 ? "good" : mos >= 3.1 ? "fair" : "bad";
}

/** Whether people would complain: late (ITU-T G.114: over 400 ms one is talked over), shaky or with holes. */
export function isPoor(quality: Quality): boolean {
  return quality.roundTrip > 400 || quality.jitter > 60 || quality.lost > 0.04;
}
