import { describe, expect, it } from "vitest";
import { startPlayers, toggle } from "../src/desk/player";

const PLAYER =
  '<div data-player><audio></audio><button data-skip="-5"></button><button data-speed="1" aria-pressed="true"></button><button data-speed="1.5"></button></div>';

describe("a message", () => {
  it("is heard faster, and so is the next one", () => {
    document.body.innerHTML = PLAYER;
    startPlayers(document);
    const sound = document.querySelector("audio") as HTMLAudioElement;
    document.querySelector<HTMLElement>("[data-speed='1.5']")?.click();
    expect(sound.playbackRate).toBe(1.5);
    expect([...document.querySelectorAll("[data-speed]")].map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "true"]);

    document.body.innerHTML = PLAYER;
    const next = document.querySelector("audio") as HTMLAudioElement;
    next.dispatchEvent(new Event("play"));
    expect(next.playbackRate).toBe(1.5);
    expect(document.querySelector("[data-speed='1.5']")?.getAttribute("aria-pressed")).toBe("true");
  });

  it("goes five seconds back, never before its beginning", () => {
    document.body.innerHTML = PLAYER;
    const sound = document.querySelector("audio") as HTMLAudioElement;
    sound.currentTime = 7;
    document.querySelector<HTMLElement>("[data-skip]")?.click();
    expect(sound.currentTime).toBe(2);
    document.querySelector<HTMLElement>("[data-skip]")?.click();
    expect(sound.currentTime).toBe(0);
  });

  it("is not there to be played on most pages", () => {
    document.body.innerHTML = "<p></p>";
    expect(toggle(document)).toBe(false);
  });
});
