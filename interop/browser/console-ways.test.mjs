// What the console shows as the command and the call that do the same: a shell does it, on another service.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { placet as program, startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { caller, operator } from "./console.mjs";

const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
const api = caller(env);
let one, mine, other;

before(async () => {
  one = await operator(browser, placet);
  await one.signsIn();
  const jwks = (await api("GET", `${env.AUTHLETE_SERVICE_ID}/service/get`)).jwks;
  const base = { jwks, supportedGrantTypes: ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], supportedResponseTypes: ["CODE"], supportedTokenAuthMethods: ["CLIENT_SECRET_BASIC", "NONE"] };
  mine = (await api("POST", "service/create", { ...base, serviceName: "Mine" })).apiKey;
  other = (await api("POST", "service/create", { ...base, serviceName: "Other" })).apiKey;
});
after(async () => {
  await browser.close();
  await placet.stop();
});

/** The command and the call that the page shows. */
async function shown() {
  await one.page.click("main section[role=status] summary");
  return one.page.locator("main section[role=status] .ways pre").allTextContents();
}

/** Has a shell do what is shown, with other names in it. */
async function shell(line, names = {}) {
  const text = Object.entries({ [mine]: other, ...names }).reduce((text, [name, by]) => text.replaceAll(String(name), String(by)), line);
  const settings = {
    PATH: `${dirname(program)}:${process.env.PATH}`, PLACET_URL: env.AUTHLETE_BASE_URL, PLACET_TOKEN: env.AUTHLETE_ORG_TOKEN,
  };
  // Nobody is there to be asked: commands that ask are told so.
  const asks = / (delete|remove|revoke|rotate|lock|set|generate) /.test(text) && !text.startsWith("curl");
  const run = asks ? `${text} --yes` : text;
  const fails = text.startsWith("curl") ? run.replace("curl", "curl -sS --fail-with-body") : run;
  return promisify(execFile)("sh", ["-c", fails], { env: { ...process.env, ...settings } })
    .then(({ stdout }) => stdout, (problem) => assert.fail(`${fails}\n${problem.stdout}\n${problem.stderr}`));
}

test("a client is made, given a secret, locked and changed", async () => {
  await one.go(`/services/${mine}/clients/new?template=web`);
  await one.sends(one.form("/clients"), { name: `It's "mine" $(id)`, uris: "https://a.example/cb" });
  const client = one.page.url().split("/").pop();
  const [command, call] = await shown();
  await shell(command);
  const made = JSON.parse(await shell(call));
  const { clients } = await api("GET", `${other}/client/get/list`);
  assert.deepEqual(clients.map(({ clientName }) => clientName), Array(2).fill(`It's "mine" $(id)`));
  const names = { [client]: made.clientId };
  await one.sends(one.form("/secret"));
  for (const line of await shown()) await shell(line, names);
  await one.sends(one.form("/lock"));
  for (const line of await shown()) await shell(line, names);
  const after = await api("GET", `${other}/client/get/${made.clientId}`);
  assert.ok(after.locked && after.clientSecret !== made.clientSecret);
  await one.go(`/services/${mine}/clients/${client}/settings?q=logo_uri`);
  await one.sends(one.page.locator("form.settings"), { "s.logoUri": "https://a.example/l.png" });
  await shell((await shown())[0], names);
  assert.equal((await api("GET", `${other}/client/get/${made.clientId}`)).logoUri, "https://a.example/l.png");
  await one.go(`/services/${mine}/clients/${client}`);
  await one.sends(one.form("/delete"), { name: `It's "mine" $(id)` });
  await shell((await shown())[0], names);
  assert.equal((await api("GET", `${other}/client/get/list`)).clients.length, 1);
});

test("a setting, a profile and keys are changed", async () => {
  const get = () => api("GET", `${other}/service/get`);
  await one.go(`/services/${mine}/settings?q=accessTokenDuration`);
  await one.sends(one.page.locator("form.settings"), { "s.accessTokenDuration": "600" });
  await shell((await shown())[0]);
  assert.equal((await get()).accessTokenDuration, 600);
  await one.go(`/services/${mine}/keys`);
  await one.sends(one.form("/keys", "generate"), { alg: "ES256" });
  const before = JSON.parse((await get()).jwks).keys.length;
  await shell((await shown())[0]);
  const keys = JSON.parse((await get()).jwks).keys;
  assert.equal(keys.length, before + 1);
  const next = (await one.page.locator(`article:has(.badge:text-is("next")) h2 code`).last().textContent()).trim();
  await one.sends(one.page.locator(`article:has-text("${next}") form:has(input[value=activate])`));
  await shell((await shown())[0], { [next]: keys.at(-1).kid });
  await one.go(`/services/${mine}/profile/fapi-2`);
  await one.sends(one.form("/profile/fapi-2"));
  const [command, call] = await shown();
  await shell(command);
  await shell(call);
  assert.deepEqual((await get()).fapiModes, ["FAPI2_SECURITY"]);
});

test("tokens of the API and members are made and taken away", async () => {
  for (const [at, list] of [[`/services/${mine}/tokens`, "service"], ["/tokens", "organization"]]) {
    await one.go(at);
    await one.sends(one.form(at, "make"), { description: "One", preset: "read_only", days: "30" });
    const [make, call] = await shown();
    await shell(make);
    await shell(call);
    const form = (wish) => one.page.locator(`article:has(h2:text-is("One")) form:has(input[value=${wish}])`).first();
    await one.sends(form("rotate"), { grace: "600" });
    const ids = await one.page.locator(`article:has(h2:text-is("One")) dd code`).allTextContents();
    const [rotate] = await shown();
    assert.ok(ids.some((id) => rotate.includes(id)), list);
    await one.sends(form("revoke"));
  }
  await one.go("/members");
  await one.sends(one.form("/members", "invite"), { email: "a@b.example", role: "VIEWER" });
  const [command, invite] = await shown();
  await shell(command, { "a@b.example": "e@f.example" });
  await shell(invite, { "a@b.example": "c@d.example" });
  await one.go("/members");
  assert.ok((await one.page.textContent("main")).includes("c@d.example"));
  const form = (wish) => one.page.locator(`article:has-text("a@b.example") form:has(input[value=${wish}])`);
  await one.sends(form("role"), { role: "DEVELOPER" });
  for (const line of await shown()) await shell(line);
  await one.sends(form("remove"));
});
