// What the agent is told about the telephone: a word in the communication bar, a notice where something is to be done.

import type { Standing } from "../softphone/machine";
import { grade, type Quality } from "../softphone/messages";
import type { Phone } from "../softphone/phone";
import { clear, stand } from "./notices";
import { word } from "./words";

const SENTENCES: Partial<Record<Standing, string>> = {
  asking: "phone.asking",
  denied: "phone.denied",
  missing: "phone.missing",
  busy: "phone.busy",
  insecure: "phone.insecure",
  unplugged: "phone.unplugged",
  elsewhere: "phone.elsewhere",
  lost: "phone.no_media",
};

/** What is wrong with the telephone, as an error with what to do. */
export function showMicrophone(phone: Phone): void {
  showStanding(phone, phone.standing, false);
}

export function showStanding(phone: Phone, now: Standing, poor: boolean): void {
  const place = document.getElementById("phone-state");
  const key = SENTENCES[now];
  if (place) {
    const text = key ? word(key) : poor ? word("phone.poor") : "";
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("cb-warn", text !== "" && now !== "elsewhere");
    place.dataset.standing = now;
  }
  const tools = document.getElementById("tools");
  if (!tools && !document.getElementById("listening")) return;
  if (!key || now === "lost") clear("telephone");
  if (now === "lost") stand("telephone", { kind: "error", title: word(key ?? ""), text: word(`${key}_more`) });
  else if (now === "elsewhere")
    stand("telephone", {
      title: word("phone.elsewhere"),
      text: word("phone.elsewhere_more"),
      action: { words: word("phone.take"), run: () => phone.take() },
    });
  else if (now === "asking") window.setTimeout(() => stillAsking(phone), 600);
  else if (key)
    stand("telephone", {
      kind: "error",
      title: word(key),
      // Who takes no calls is told what it means for listening in.
      text: word(tools ? `${key}_more` : "phone.listen_more"),
      action: { words: word("phone.check"), run: () => phone.check() },
    });
}

/** A small mark beside the telephone: how well the call is heard. What was measured stands behind it, and beside it where it is not good. */
export function showQuality(mos: number, measured?: Quality): void {
  const place = document.getElementById("phone-quality");
  if (!place) return;
  const now = mos > 0 ? grade(mos) : "";
  place.hidden = now === "";
  place.dataset.grade = now;
  const said = now ? word(`quality.${now}`, { mos: mos.toFixed(1) }) : "";
  const more = measured ? measuredWords(measured) : "";
  place.title = more;
  place.textContent = more && (now === "fair" || now === "bad") ? `${said}: ${more}` : said;
}

/** What the browser measured, as people of telephony say it. */
export function measuredWords({ lost, jitter, roundTrip }: Quality): string {
  return word("quality.more", { lost: (100 * lost).toFixed(1), jitter: Math.round(jitter), trip: Math.round(roundTrip) });
}

/** A browser that remembers its permission answers before anybody could read this. */
function stillAsking(phone: Phone): void {
  if (phone.standing === "asking") stand("telephone", { title: word("phone.asking"), text: word("phone.asking_more") });
}
