// What somebody does who has never seen placet: each task in steps, by the console, the command line and the API, each step
// timed. With PLACET_NEWCOMER=FILE the table of docs/newcomer.md is made there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { after, test } from "node:test";
import { promisify } from "node:util";
import * as jose from "jose";
import { placet as program, startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { caller, operator } from "./console.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tasks = [];

/** Times a step of the task at hand. */
async function step(text, act) {
  const started = performance.now();
  const result = await act();
  tasks.at(-1).steps.push({ text, seconds: (performance.now() - started) / 1000 });
  return result;
}

/** A task, which tells its steps when it is done. */
function task(title, act) {
  test(title, async (t) => {
    tasks.push({ title, steps: [] });
    await act();
    for (const { text, seconds } of tasks.at(-1).steps) t.diagnostic(`${seconds.toFixed(2)} s  ${text}`);
  });
}

let server, env, one, api;
const browser = await openBrowser();
after(async () => {
  await browser.close();
  await server?.stop();
  if (process.env.PLACET_NEWCOMER) await writeFile(process.env.PLACET_NEWCOMER, told());
});

/** A command of placet, as whoever owns the organization calls it. */
async function command(service, ...options) {
  const settings = { PLACET_URL: env.AUTHLETE_BASE_URL, PLACET_TOKEN: env.AUTHLETE_ORG_TOKEN, PLACET_SERVICE: service };
  const { stdout } = await promisify(execFile)(program, options, { env: { ...process.env, ...settings } });
  return stdout;
}

/** What an authorization server asks when a client has come for a token. */
async function asked(service, token, client, grant) {
  const response = await fetch(`${env.AUTHLETE_BASE_URL}/api/${service}/auth/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ parameters: `grant_type=${grant}`, clientId: client.id, clientSecret: client.secret }),
  });
  return { id: response.headers.get("x-request-id"), ...(await response.json()) };
}

/** A client of a machine, made at the console. */
async function machine(service, name) {
  await one.go(`/services/${service}/clients/new?template=machine`);
  await one.sends(one.form("/clients"), { name });
  const secret = await one.page.locator("main section[role=status] code.whole").textContent();
  return { id: new URL(one.page.url()).pathname.split("/").pop(), secret };
}

let service, token, client, issued;

task("Make a service and a client, and get a token", async () => {
  server = await step("`placet dev` is started, and listens", () => startPlacet());
  env = server.env;
  api = caller(env);
  one = await operator(browser, server);
  const { page } = one;
  await step("its link is opened, and its button signs in", async () => {
    await page.goto(one.link);
    await page.click("main button");
    await page.waitForSelector("nav.side");
  });
  await step("Services: a name is typed, and the service is there", async () => {
    await one.go("/services");
    await one.sends(one.form("/services"), { name: "My first service" });
    service = new URL(page.url()).pathname.split("/").pop();
  });
  await step("Settings: `grant_types_supported` is searched for, and CLIENT_CREDENTIALS ticked", async () => {
    await one.go(`/services/${service}/settings?q=grant_types_supported`);
    await one.sends(page.locator("form.settings"), { "s.supportedGrantTypes": "CLIENT_CREDENTIALS" });
  });
  client = await step("Clients: one is made of the template for machines; its secret is shown", () => machine(service, "My first client"));
  token = await step("API tokens: one for an authorization server is made", async () => {
    await one.go(`/services/${service}/tokens`);
    await one.sends(one.form("/tokens", "make"), { description: "My authorization server", preset: "authorization_server" });
    return page.locator("main section[role=status] code.whole").textContent();
  });
  const answer = await step("the API is asked for a token of the client (`/auth/token`)", () => asked(service, token, client, "client_credentials"));
  assert.equal(answer.action, "OK", JSON.stringify(answer));
  issued = answer.accessToken;
});

task("Find out why a request failed", async () => {
  const refused = await step("a client comes with a wrong secret, and is refused", () =>
    asked(service, token, { ...client, secret: "guess" }, "client_credentials"));
  assert.notEqual(refused.action, "OK");
  const text = await step(`\`placet explain\` says what the result code means`, () => command(service, "explain", refused.resultCode));
  assert.match(text, /The client secret is wrong/);
  assert.match(text, /RFC 6749 §2.3.1/);
  const call = await step("the inspector has the call, with the setting that it depends on (`/inspector/get`)", async () => {
    for (let tries = 0; ; tries += 1) {
      const { calls } = await api("GET", `${service}/inspector/get/list?failed=true`);
      const found = calls?.find(({ resultCode }) => resultCode === refused.resultCode);
      if (found) return (await api("GET", `${service}/inspector/get?requestId=${found.requestId}`)).calls.at(-1);
      assert.ok(tries < 100, "the inspector does not have it");
      await pause(50);
    }
  });
  assert.equal(call.explanation.reason, "SecretWrong");
  assert.ok(!JSON.stringify(call).includes(client.secret));
});

/** A verifier that believes its copy of the key set for a second, and what it has not been able to verify. */
async function verifying(tokens) {
  // A published package that knows nothing of placet: a key that is not in its copy is a failure, for it does not ask again.
  const keys = jose.createRemoteJWKSet(new URL(`${env.DEMO_ISSUER}/jwks`), { cacheMaxAge: 1000, cooldownDuration: 3_600_000 });
  const [failures, kids, counted] = [[], new Set(), { tokens: 0, verified: 0 }];
  let going = true;
  const run = (async () => {
    const alive = [];
    while (going) {
      alive.push(await tokens());
      counted.tokens += 1;
      for (const one of [...alive]) {
        if (jose.decodeJwt(one).exp * 1000 < Date.now() + 250) alive.splice(alive.indexOf(one), 1);
        else {
          const { kid } = jose.decodeProtectedHeader(one);
          await jose.jwtVerify(one, keys, { issuer: env.DEMO_ISSUER }).then(
            () => (kids.add(kid), (counted.verified += 1)), (problem) => failures.push(`${kid}: ${problem}`));
        }
      }
    }
  })();
  return async () => {
    going = false;
    await run;
    return { failures, kids: [...kids], ...counted };
  };
}

task("Put a new key in the place of the old one, while tokens are verified", async () => {
  const { page, t } = one;
  const demo = env.AUTHLETE_SERVICE_ID;
  const worker = await step("the demo service signs access tokens that live for three seconds, and a client gets them", async () => {
    await api("PATCH", `${demo}/service/update`, { accessTokenSignAlg: "ES256", accessTokenDuration: 3 });
    return machine(demo, "Worker");
  });
  const basic = Buffer.from(`${worker.id}:${worker.secret}`).toString("base64");
  const end = await verifying(async () => {
    const response = await fetch(`${env.DEMO_ISSUER}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    return (await response.json()).access_token;
  });
  await pause(300);
  const card = (state) => page.locator(`article:has(dd:text-is("ES256")):has(.badge:text-is("${t(`keys.${state}`)}"))`);
  const next = await step("Keys: a key is generated, which is published and signs nothing", async () => {
    await one.go(`/services/${demo}/keys`);
    await one.sends(one.form("/keys", "generate"), { alg: "ES256" });
    return card("next").locator("h2 code").textContent();
  });
  await step("the verifier's copy of the key set runs out (a second)", () => pause(1200));
  await step("Keys: it is activated", () => one.sends(card("next").locator("form:has(input[value=activate])")));
  await step("the last token of the former key ends (three seconds)", () => pause(3500));
  await step("Keys: the former key is removed", () => one.sends(card("retired").locator("form:has(input[value=remove])")));
  await pause(1500);
  const { failures, kids, tokens, verified } = await end();
  assert.deepEqual(failures, []);
  assert.ok(kids.length === 2 && kids.includes(next), kids.join());
  assert.ok(tokens > 20 && verified > tokens, `${tokens} ${verified}`);
  tasks.at(-1).steps.push({ text: `meanwhile ${tokens} tokens were made, and verified ${verified} times; failures: ${failures.length}`, seconds: 0 });
});

task("Take a token away", async () => {
  const active = async () => {
    const said = await fetch(`${env.AUTHLETE_BASE_URL}/api/${service}/auth/introspection`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ token: issued }),
    });
    return (await said.json()).action;
  };
  assert.equal(await step("the token is good", active), "OK");
  await step("`placet token revoke` takes it away", () => command(service, "token", "revoke", "--yes", issued));
  assert.equal(await step("the token is not good", active), "UNAUTHORIZED");
});

/** The page of the documentation. */
function told() {
  const part = ({ title, steps }) => {
    const lines = steps.map(({ text, seconds }) => `| ${text} | ${seconds ? seconds.toFixed(2) : ""} |`);
    const whole = steps.reduce((sum, { seconds }) => sum + seconds, 0);
    return `## ${title}\n\n| step | seconds |\n|---|---|\n${lines.join("\n")}\n| **together** | **${whole.toFixed(2)}** |\n`;
  };
  const where = `a browser without a screen, ${cpus().length} cores, a build without optimizations`;
  return `# What a newcomer does first\n\nEach task in steps, as \`interop/browser/newcomer.test.mjs\` does it: at the console, by the command \`placet\`, and by calls
of the API. The seconds are those of the machine (${where}); reading and typing take people longer. This page is made by
\`npm run newcomer\` in \`interop/\`.\n\n${tasks.map(part).join("\n")}`;
}
