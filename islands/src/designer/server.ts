// Asking the server. What it refuses comes back as an answer with words, what does not reach it as one without.

import { cookie } from "../desk/cookie";

export interface Refusal {
  code: string;
  message: string;
  [more: string]: unknown;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; status: number; refusal: Refusal | null };

async function answer<T>(asked: Promise<Response>): Promise<Answer<T>> {
  try {
    const response = await asked;
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
    if (response.redirected) return { ok: false, status: 401, refusal: null };
    if (response.ok && isJson) return { ok: true, value: (await response.json()) as T };
    return { ok: false, status: response.status, refusal: isJson ? ((await response.json()) as Refusal) : null };
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === "AbortError") throw problem;
    return { ok: false, status: 0, refusal: null };
  }
}

export function get<T>(url: string): Promise<Answer<T>> {
  return answer<T>(fetch(url, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } }));
}

export function send<T>(url: string, body: unknown, signal?: AbortSignal): Promise<Answer<T>> {
  return answer<T>(
    fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "X-CSRFToken": cookie("csrftoken"), "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      ...(signal ? { signal } : {}),
    }),
  );
}
