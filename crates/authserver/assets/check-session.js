"use strict";
// OpenID Connect Session Management 1.0, section 3.2: a client asks with its name and what it was told of the session;
// the answer is "unchanged", "changed", or "error" for a question that is none.
const state = () => {
  const cookies = document.cookie.split("; ").map((cookie) => cookie.split("="));
  return (cookies.find(([name]) => name === "COOKIE_NAME") ?? [])[1] ?? "";
};

const hashed = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
};

const judged = async (question, origin) => {
  const [, client, hash, salt] = /^(\S+) ([\w-]{43})\.([\w-]{1,128})$/.exec(question) ?? [];
  if (!client) return "error";
  return (await hashed(`${client} ${origin} ${state()} ${salt}`)) === hash ? "unchanged" : "changed";
};

addEventListener("message", async (event) => {
  if (!event.source) return;
  const answer = typeof event.data === "string" ? await judged(event.data, event.origin).catch(() => "error") : "error";
  event.source.postMessage(answer, event.origin);
});
