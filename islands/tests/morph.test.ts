import { beforeEach, describe, expect, it } from "vitest";
import { morph } from "../src/live/morph";

function element(html: string): Element {
  const box = document.createElement("div");
  box.innerHTML = html;
  return box.firstElementChild as Element;
}

let old: Element;
function put(html: string): Element {
  document.body.innerHTML = html;
  old = document.body.firstElementChild as Element;
  return old;
}

describe("a fresh fragment", () => {
  beforeEach(() => {
    document.body.innerHTML = "";
  });

  it("changes what nobody touches", () => {
    morph(put('<div id="x"><p>old</p></div>'), element('<div id="x"><p>new</p></div>'));
    expect(document.body.textContent).toBe("new");
  });

  it("gives a button that was just pressed its new words", () => {
    const old = put('<div id="x"><button id="b"><span>Hold</span></button></div>');
    document.querySelector<HTMLButtonElement>("#b")?.focus();
    morph(old, element('<div id="x"><button id="b" aria-pressed="true"><span>Resume</span></button></div>'));
    expect(document.querySelector("#b")?.textContent).toBe("Resume");
    expect(document.activeElement?.id).toBe("b");
  });

  it("leaves a field that somebody has filled in", () => {
    put('<div id="x"><input id="q" value="as served"><p>old</p></div>');
    (document.getElementById("q") as HTMLInputElement).value = "typed by alice";
    morph(old, element('<div id="x"><input id="q" value="from the server"><p>new</p></div>'));
    expect((document.getElementById("q") as HTMLInputElement).value).toBe("typed by alice");
    expect(document.querySelector("p")?.textContent).toBe("new");
  });

  it("puts the next page of a script whole, and the focus into it", () => {
    put('<div id="s" data-turn="1:7:2"><textarea name="value"></textarea></div>');
    const typed = document.querySelector("textarea") as HTMLTextAreaElement;
    typed.value = "answered";
    typed.focus();
    morph(old, element('<div id="s" data-turn="1:7:3"><textarea name="value" data-turn-focus></textarea></div>'));
    const next = document.querySelector("textarea") as HTMLTextAreaElement;
    expect([next.value, document.activeElement === next]).toEqual(["", true]);
    next.value = "half";
    morph(
      document.getElementById("s") as Element,
      element('<div id="s" data-turn="1:7:3"><textarea name="value"></textarea><p>marked</p></div>'),
    );
    expect([(document.querySelector("textarea") as HTMLTextAreaElement).value, document.querySelector("p")?.textContent]).toEqual([
      "half",
      "marked",
    ]);
  });

  it("brings a fresh value into a field that nobody touched", () => {
    put('<div id="x"><input id="q" value="as served"></div>');
    morph(old, element('<div id="x"><input id="q" value="from the server"></div>'));
    expect((document.getElementById("q") as HTMLInputElement).value).toBe("from the server");
  });

  it("leaves the field somebody stands in", () => {
    put('<div id="x"><textarea id="t">a</textarea></div>');
    document.getElementById("t")?.focus();
    morph(old, element('<div id="x"><textarea id="t">b</textarea></div>'));
    expect((document.getElementById("t") as HTMLTextAreaElement).value).toBe("a");
  });

  it("leaves islands and what is to be kept", () => {
    put('<div id="x"><span id="s" data-keep>Telephone ready</span></div>');
    morph(old, element('<div id="x"><span id="s" data-keep></span></div>'));
    expect(document.getElementById("s")?.textContent).toBe("Telephone ready");
  });

  it("leaves a form that is being filled in as a whole", () => {
    put('<div id="x"><form data-dirty-guard id="f"><input id="a" value=""><input id="b" value="1"></form></div>');
    (document.getElementById("a") as HTMLInputElement).value = "E18";
    morph(old, element('<div id="x"><form data-dirty-guard id="f"><input id="b" value="2"></form></div>'));
    expect((document.getElementById("a") as HTMLInputElement).value).toBe("E18");
    expect((document.getElementById("b") as HTMLInputElement).value).toBe("1");
  });

  it("keeps what was folded open", () => {
    put('<div id="x"><details id="d" data-keep-open open><summary>one</summary></details></div>');
    morph(old, element('<div id="x"><details id="d" data-keep-open><summary>two</summary></details></div>'));
    expect((document.getElementById("d") as HTMLDetailsElement).open).toBe(true);
    expect(document.querySelector("summary")?.textContent).toBe("two");
  });

  it("takes another interaction's pad as it comes", () => {
    put('<section id="pad" data-fragment="pad" data-pad><textarea id="pad-text" data-key="7:91">a</textarea></section>');
    (document.getElementById("pad-text") as HTMLTextAreaElement).value = "notes of 91";
    morph(old, element('<section id="pad" data-fragment="pad" data-pad><textarea id="pad-text" data-key="7:92">b</textarea></section>'));
    expect((document.getElementById("pad-text") as HTMLTextAreaElement).value).toBe("b");
  });

  it("leaves the pad of the same interaction alone", () => {
    put('<section id="pad" data-fragment="pad" data-pad><textarea id="pad-text" data-key="7:91">a</textarea></section>');
    (document.getElementById("pad-text") as HTMLTextAreaElement).value = "a b c";
    morph(old, element('<section id="pad" data-fragment="pad" data-pad><textarea id="pad-text" data-key="7:91">a b</textarea></section>'));
    expect((document.getElementById("pad-text") as HTMLTextAreaElement).value).toBe("a b c");
  });
});

describe("the pad of the same interaction", () => {
  it("gets fresh buttons around the text that stays", () => {
    document.body.innerHTML =
      '<section data-pad><span id="pad-kept">Kept 14:32:08</span><textarea id="pad-text" data-key="7:91">a</textarea><button id="into" disabled>Put into</button></section>';
    (document.getElementById("pad-text") as HTMLTextAreaElement).value = "a b c";
    morph(
      document.body.firstElementChild as Element,
      element(
        '<section data-pad><span id="pad-kept">Noor</span><textarea id="pad-text" data-key="7:91">a</textarea><button id="into">Put into</button></section>',
      ),
    );
    expect((document.getElementById("pad-text") as HTMLTextAreaElement).value).toBe("a b c");
    expect(document.getElementById("pad-kept")?.textContent).toBe("Kept 14:32:08");
    expect((document.getElementById("into") as HTMLButtonElement).disabled).toBe(false);
  });
});
