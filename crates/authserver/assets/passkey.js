"use strict";
// Passkeys (WebAuthn Level 3): the page brings what the authenticator is asked, and its form takes the answer back.
const form = document.getElementById("passkey");
const problem = document.getElementById("passkey-problem");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

// Sections 5.4 and 5.5, with bytes where JSON has base64url.
const options = () => {
  const read = JSON.parse(form.dataset.options);
  const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const known = { challenge: bytes(read.challenge) };
  if (read.user) known.user = { ...read.user, id: bytes(read.user.id) };
  if (read.excludeCredentials) known.excludeCredentials = named(read.excludeCredentials);
  if (read.allowCredentials) known.allowCredentials = named(read.allowCredentials);
  return { ...read, ...known };
};

// Section 5.1: what the server reads of a credential.
const written = (credential) => {
  const { id, rawId, type, response } = credential;
  const parts = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];
  // Of a new credential, the data of the authenticator are in the attestation already.
  const wanted = parts.filter((part) => response[part] && !(response.attestationObject && part === "authenticatorData"));
  const said = Object.fromEntries(wanted.map((part) => [part, text(response[part])]));
  return JSON.stringify({ id, rawId: text(rawId), type, response: said });
};

let waiting;

/** One ceremony at a time: a button goes before what waits behind the autofill (section 5.1.4). */
const performed = async (mediation) => {
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const credential = form.dataset.ceremony === "create"
    ? await navigator.credentials.create({ publicKey: options(), signal })
    : await navigator.credentials.get({ publicKey: options(), signal, ...mediation });
  form.elements.credential.value = written(credential);
  form.submit();
};

const pressed = async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const button = form.querySelector("button");
  button.disabled = true;
  await performed({}).catch(() => (problem.hidden = false));
  button.disabled = false;
};

const autofill = async () => {
  if (!("autofill" in form.dataset)) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  // Whoever types in a password lets it wait.
  await performed({ mediation: "conditional" }).catch(() => {});
};

if (window.PublicKeyCredential && navigator.credentials) {
  form.hidden = false;
  document.getElementById("passkey-unsupported")?.remove();
  form.addEventListener("submit", pressed);
  autofill();
}
