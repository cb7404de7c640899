// OpenID Connect Session Management 1.0 in a browser: a client's page watches the server's, and learns of a logout.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";

const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
const metadata = await (await fetch(`${env.DEMO_ISSUER}/.well-known/openid-configuration`)).json();

// On the server's own site, where browsers do not keep its cookies from frames.
const page = `<!DOCTYPE html><title>client</title><iframe id="op" src="${metadata.check_session_iframe}"></iframe>`;
const site = createServer((request, response) => {
  response.setHeader("content-type", "text/html");
  response.end(page);
}).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const callback = `http://127.0.0.1:${site.address().port}/callback`;
after(async () => {
  await browser.close();
  site.close();
  await placet.stop();
});

async function registered() {
  const response = await fetch(`${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/client/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.AUTHLETE_API_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      clientName: "Watcher", clientType: "CONFIDENTIAL", tokenAuthMethod: "CLIENT_SECRET_BASIC",
      grantTypes: ["AUTHORIZATION_CODE"], responseTypes: ["CODE"], redirectUris: [callback], idTokenSignAlg: "ES256",
    }),
  });
  return String((await response.json()).clientId);
}

/** What the server's page answers to a question from the client's page. */
const answer = (tab, question) => tab.evaluate((question) => new Promise((resolve) => {
  addEventListener("message", (event) => resolve(event.data), { once: true });
  document.getElementById("op").contentWindow.postMessage(question, "*");
}), question);

test("a client's page learns that the session has ended", async () => {
  const [client, context] = [await registered(), await browser.newContext()];
  const tab = await context.newPage();
  const query = new URLSearchParams({ response_type: "code", scope: "openid", client_id: client, redirect_uri: callback });
  await tab.goto(`${env.DEMO_ISSUER}/authorize?${query}`);
  await tab.fill("#login", "john");
  await tab.fill("#password", "john");
  await tab.click("#submit");
  await tab.click("#allow");
  await tab.waitForURL(`${callback}*`);
  const state = new URL(tab.url()).searchParams.get("session_state");
  assert.ok(state);
  assert.equal(await answer(tab, `${client} ${state}`), "unchanged");
  assert.equal(await answer(tab, `1${client} ${state}`), "changed");
  assert.equal(await answer(tab, "nonsense"), "error");
  assert.equal(await answer(tab, { client }), "error");

  const other = await context.newPage();
  await other.goto(`${env.DEMO_ISSUER}/logout`);
  await other.click("#yes");
  await other.waitForSelector("h1:has-text('You are signed out')");
  assert.equal(await answer(tab, `${client} ${state}`), "changed");
  await context.close();
});
