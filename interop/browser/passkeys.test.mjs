// Passkeys in a browser with a virtual authenticator (WebAuthn Level 3, section 11): made, used, removed; in both
// languages, on a desk and on a phone. With PLACET_PICTURES=FOLDER the pictures of docs/ are made there.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { desk, opened, phone, pictured, sound } from "./people.mjs";

const SECOND_FACTOR = "urn:placet:acr:second-factor";

const words = {
  en: {
    signIn: "Sign in", title: "Passkeys", add: "Add a passkey", factor: "One more step", none: "You have no passkey yet.",
    removed: "The passkey was removed.", refused: "This passkey was not accepted.", notMade: "No passkey was made.",
    consent: "Demo client asks for access", out: "You are signed out",
  },
  ja: {
    signIn: "サインイン", title: "パスキー", add: "パスキーを追加", factor: "もう一段階の確認",
    none: "パスキーはまだありません。", removed: "パスキーを削除しました。",
    refused: "このパスキーは受け付けられませんでした。", notMade: "パスキーは作成されませんでした。",
    consent: "Demo client がアクセスを求めています", out: "サインアウトしました",
  },
};

const browser = await openBrowser();
// By its name: browsers make no passkeys for addresses.
const placet = await startPlacet({ host: "localhost" });
const { env } = placet;
const site = createServer((request, response) => response.end("the client")).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const CALLBACK = `http://localhost:${site.address().port}/callback`;
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
      clientName: "Demo client", clientType: "CONFIDENTIAL", applicationType: "WEB", tokenAuthMethod: "CLIENT_SECRET_BASIC",
      grantTypes: ["AUTHORIZATION_CODE"], responseTypes: ["CODE"], redirectUris: [CALLBACK], idTokenSignAlg: "ES256",
    }),
  });
  assert.equal(response.status, 200);
  return response.json();
}

const client = await registered();

/** The ID token that a code is good for. */
async function idToken(code) {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
  const response = await fetch(`${env.DEMO_ISSUER}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: CALLBACK }),
  });
  const { id_token } = await response.json();
  return JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
}

/** A person, and an authenticator that is built into their device and knows them. */
async function person(way = {}) {
  const { language = "en", picture = "" } = way;
  const { context, page, problems } = await opened(browser, way);
  const device = await context.newCDPSession(page);
  await device.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  });
  return {
    context,
    page,
    problems,
    t: words[language],
    /** Whether the person touches the authenticator when it asks for that, from the next time on. */
    touches: (enabled) => device.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    isVerified: (verified) => device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: verified }),
    credentials: async () => (await device.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    async sees(name, heading) {
      await sound(page, way, name, heading);
      const wanted = picture && ["passkeys", "passkey-new", "sign-in-passkey"].includes(name);
      if (wanted) await pictured(page, `${name}${picture}`);
    },
    async asks(parameters = {}) {
      const query = new URLSearchParams({
        response_type: "code", scope: "openid", client_id: client.clientId, redirect_uri: CALLBACK, ...parameters,
      });
      return page.goto(`${env.DEMO_ISSUER}/authorize?${query}`);
    },
    async signsIn(login, password = login) {
      await page.fill("#login", login);
      await page.fill("#password", password);
      await page.click("#submit");
    },
    async signsOut() {
      await page.goto(`${env.DEMO_ISSUER}/logout`);
      await page.click("#yes");
      await page.waitForSelector(`h1:has-text("${words[language].out}")`);
    },
    async answer() {
      await page.waitForURL(`${CALLBACK}?**`, { timeout: 10_000 });
      return new URL(page.url()).searchParams;
    },
  };
}

const ways = [
  { language: "en", screen: desk, picture: "-en", login: "john", code: "123456" },
  { language: "ja", screen: desk, login: "hanako", code: "654321" },
  { language: "en", screen: phone, login: "jane" },
];

for (const way of ways) {
  describe(`${way.language}, ${way.screen === phone ? "phone" : "desk"}`, () => {
    test("a passkey is made, signs in, and does not once it is removed", async () => {
      const one = await person(way);
      const { page, t } = one;
      await page.goto(`${env.DEMO_ISSUER}/passkeys`);
      await one.signsIn(way.login);
      await one.sees("passkeys-none", t.title);
      assert.ok((await page.textContent("main")).includes(t.none));
      await page.click("#add");
      // Who has a code shows it first: else a password would make what stands for two factors.
      if (way.code) {
        await one.sees("passkey-step", t.factor);
        await page.fill("#code", way.code);
        await page.click("#submit");
      }
      await one.sees("passkey-new", t.add);
      await page.fill("#label", "Laptop");
      await one.touches(true);
      await page.click("#make-passkey");
      await page.waitForSelector("#done");
      await one.sees("passkeys", t.title);
      assert.ok((await page.textContent("h2")).includes("Laptop"));
      const [made, ...more] = await one.credentials();
      assert.equal(more.length, 0);
      assert.ok(made.isResidentCredential && made.rpId === "localhost");
      // The authenticator learns a random name of the user, and nobody's own.
      const handle = Buffer.from(made.userHandle, "base64");
      assert.ok(handle.length === 16 && !handle.toString("latin1").includes(way.login));

      await one.touches(false);
      await one.signsOut();
      await one.asks({ acr_values: SECOND_FACTOR });
      await one.sees("sign-in-passkey", t.signIn);
      await one.touches(true);
      await page.click("#use-passkey");
      await page.waitForSelector("#consent");
      await one.sees("consent", t.consent);
      await page.click("#allow");
      const told = await idToken((await one.answer()).get("code"));
      assert.deepEqual([told.sub, told.acr, told.amr], [way.login, SECOND_FACTOR, ["pop", "user", "mfa"]]);

      await page.goto(`${env.DEMO_ISSUER}/passkeys`);
      await page.click(".passkeys button");
      await page.waitForSelector("#done");
      assert.ok((await page.textContent("#done")).includes(t.removed));
      await one.touches(false);
      await one.signsOut();
      await one.asks();
      await one.touches(true);
      await page.click("#use-passkey");
      await page.waitForSelector("#problem");
      await one.sees("sign-in-passkey-refused", t.signIn);
      assert.ok((await page.textContent("#problem")).includes(t.refused));
      // Chromium notes the status of a page that refuses; nothing else may be there.
      assert.deepEqual(one.problems.filter((text) => !/status of 4\d\d/.test(text)), []);
      await one.context.close();
    });
  });
}

test("without a script there is no button, and a page that says so", async () => {
  const one = await person({ scripts: false });
  await one.page.goto(`${env.DEMO_ISSUER}/passkeys/new`);
  await one.sees("sign-in", one.t.signIn);
  assert.ok(!(await one.page.isVisible("#use-passkey")));
  await one.signsIn("jane");
  await one.sees("passkey-new", one.t.add);
  assert.ok((await one.page.isVisible("#passkey-unsupported")) && !(await one.page.isVisible("#make-passkey")));
  await one.context.close();
});

test("a person who is not verified makes and uses no passkey, and can try again", async () => {
  const one = await person();
  const { page, t } = one;
  await page.goto(`${env.DEMO_ISSUER}/passkeys/new`);
  await one.signsIn("jane");
  await one.touches(true);
  await one.isVerified(false);
  await page.click("#make-passkey");
  await page.waitForSelector("#passkey-problem:visible");
  await one.sees("passkey-new-problem", t.add);
  assert.ok((await page.textContent("#passkey-problem")).includes(t.notMade));
  assert.deepEqual(await one.credentials(), []);
  await one.isVerified(true);
  await page.click("#make-passkey");
  await page.waitForSelector("#done");
  await one.touches(false);
  await one.signsOut();

  // Autofill: the person picks the passkey in the field of the user name.
  await one.touches(true);
  await one.asks({ prompt: "consent" });
  await page.waitForSelector("#consent");

  // A stronger login is confirmed with it, though Jane has no code.
  await one.touches(false);
  await one.signsOut();
  await page.goto(`${env.DEMO_ISSUER}/apps`);
  await one.signsIn("jane");
  await one.asks({ prompt: "consent", acr_values: SECOND_FACTOR });
  await one.sees("second-factor-passkey", t.factor);
  await one.touches(true);
  await page.click("#use-passkey");
  await page.waitForSelector("#consent");

  // So is one that a resource server asks for (RFC 9470).
  await one.touches(false);
  await one.signsOut();
  await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
  await page.click("#start-step_up");
  await one.signsIn("jane");
  await one.touches(true);
  await page.click("#use-passkey");
  await page.waitForURL("**/play/runs/*");
  assert.ok(await page.$("#done"), await page.textContent("main"));
  for (const part of ["insufficient_user_authentication", "12.80 EUR"]) {
    assert.ok((await page.textContent("main")).includes(part), part);
  }
  await one.context.close();
});

test("passkeys are kept in a file of their own, for its owner alone", async () => {
  const file = join(placet.directory, "passkeys.json");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const { keyrings } = JSON.parse(await readFile(file, "utf8"));
  assert.deepEqual(keyrings.map(({ subject }) => subject).sort(), ["hanako", "jane", "john"]);
});
