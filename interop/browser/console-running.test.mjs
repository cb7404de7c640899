// What operators look at while a service runs: why a request failed, what became of a token, what a user has granted, and how
// much is going on; in both languages, with and without scripts, on a phone.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { caller, operator } from "./console.mjs";
import { phone } from "./people.mjs";

const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
const api = caller(env);
const service = env.AUTHLETE_SERVICE_ID;
const client = env.DEMO_CLIENT_ID;

after(async () => {
  await browser.close();
  await placet.stop();
});

const parameters = (scope, state) =>
  new URLSearchParams({ response_type: "code", client_id: client, scope, state, redirect_uri: "https://nobody.example/cb" }).toString();

/** A request that is refused, as an authorization server forwards it. Calls are kept once a second. */
async function refused(state) {
  const answer = await api("POST", `${service}/auth/authorization`, { parameters: parameters("openid", state) });
  assert.notEqual(answer.action, "INTERACTION");
  await pause(1500);
  return answer.resultCode;
}

/** A token of a user, and what the service says when it is asked for. */
async function granted(subject, scopes = ["orders:read"]) {
  const made = await api("POST", `${service}/auth/token/create`, {
    grantType: "AUTHORIZATION_CODE", clientId: Number(client), subject, scopes,
  });
  assert.ok(made.accessToken, JSON.stringify(made));
  return made.accessToken;
}
const isGood = async (token) => (await api("POST", `${service}/auth/introspection`, { token })).action === "OK";

for (const way of [
  { name: "English", language: "en" },
  { name: "Japanese, without scripts, on a phone", language: "ja", scripts: false, screen: phone },
]) {
  describe(way.name, () => {
    test("why a request failed is found by its client, by its code and by its error, and leads to the setting", async () => {
      const code = await refused(`of-${way.language}`);
      const one = await operator(browser, placet, way);
      const { page, t } = one;
      await one.signsIn();
      await one.go(`/services/${service}/transactions`);
      await one.sees("transactions", `${t("transactions.title")}: Demo service`);
      for (const asked of [client, code]) {
        await one.sends(one.form("/transactions"), { "secret.q": asked });
        assert.ok((await page.locator("#calls tbody").textContent()).includes(code), `${asked} finds nothing`);
      }
      await one.sends(one.form("/transactions"), { "secret.q": "nothing-is-called-so" });
      assert.ok((await page.textContent("main")).includes(t("transactions.none")));
      await one.sends(one.form("/transactions"), { "secret.q": code });
      await page.locator("#calls tbody tr:first-child th a").click();
      await one.sees("transaction", t("transactions.one"));
      const text = await page.textContent("main");
      for (const told of [t("transactions.why"), code, "redirect_uri", t("codes.rules")]) assert.ok(text.includes(told), told);
      assert.ok(await page.locator(`main a[href$="/codes/${code}"]`).count());
      await page.locator(`main dl a[href*="/settings?q="]`).first().click();
      assert.match(new URL(page.url()).pathname, /\/settings$/);
      assert.deepEqual(one.problems, []);
      await one.context.close();
    });

    test("a token is looked at, and taken away; its user's others with one button", async () => {
      const subject = `user-${way.language}`;
      const [looked, ...others] = [await granted(subject), await granted(subject), await granted(subject)];
      const one = await operator(browser, placet, way);
      const { page, t } = one;
      await one.signsIn();
      await one.go(`/services/${service}/issued`);
      await one.sees("issued", `${t("issued.title")}: Demo service`);
      await one.sends(one.form("/issued/look"), { "secret.token": looked });
      await one.sees("issued-one", t("issued.one"));
      assert.ok((await page.textContent("main")).includes(subject));
      assert.ok(!(await page.content()).includes(looked) && !page.url().includes(looked), "the token is in the page");
      await one.sends(one.form("/issued", "revoke_this"));
      assert.deepEqual(await Promise.all([looked, ...others].map(isGood)), [false, true, true]);
      await one.go(`/services/${service}/issued?subject=${subject}`);
      assert.equal(await page.locator("main tbody tr").count(), 2);
      await one.sends(one.form("/issued", "revoke_all"), { sure: "1" });
      assert.deepEqual(await Promise.all(others.map(isGood)), [false, false]);
      assert.deepEqual(one.problems, []);
      await one.context.close();
    });

    test("what a user has granted is seen, and ended", async () => {
      const subject = `granter-${way.language}`;
      const token = await granted(subject);
      const one = await operator(browser, placet, way);
      const { page, t } = one;
      await one.signsIn();
      await one.go(`/services/${service}/grants`);
      await one.sees("grants", `${t("grants.title")}: Demo service`);
      await page.fill("#subject", subject);
      await page.click("form[role=search] button");
      await page.waitForLoadState();
      const card = page.locator("main article");
      assert.equal(await card.count(), 1, await page.textContent("main"));
      assert.ok((await card.textContent()).includes(client));
      await one.sends(card.locator("form").last());
      assert.equal(await isGood(token), false);
      assert.deepEqual(one.problems, []);
      await one.context.close();
    });

    test("usage shows what was made and what was refused, and result codes can be searched", async () => {
      const code = await refused(`usage-${way.language}`);
      const one = await operator(browser, placet, way);
      const { page, t } = one;
      await one.signsIn();
      await one.go(`/services/${service}/usage`);
      await one.sees("usage", `${t("usage.title")}: Demo service`);
      assert.equal(await page.locator("main svg[role=img]").count(), 2);
      assert.ok((await page.locator("main table").first().textContent()).includes("authorization"));
      await one.go("/codes");
      await one.sees("codes", t("codes.title"));
      await page.fill("main input[type=search]", code);
      await page.click("main form[role=search] button");
      await page.waitForLoadState();
      await page.locator(`main a[href$="/codes/${code}"]`).first().click();
      assert.ok((await page.textContent("main")).includes(code));
      assert.deepEqual(one.problems, []);
      await one.context.close();
    });
  });
}

test("calls appear as they come, until one looks no longer", async () => {
  const one = await operator(browser, placet, { language: "en" });
  const { page, t } = one;
  await one.signsIn();
  await one.go(`/services/${service}/transactions`);
  await page.click("#live");
  assert.equal(await page.getAttribute("#live", "aria-pressed"), "true");
  const before = await page.locator("#calls tbody tr").count();
  const code = await refused("live");
  await page.locator("#calls tbody tr").nth(before).waitFor({ timeout: 10_000 });
  assert.ok((await page.locator("#calls tbody").textContent()).includes(code));
  await page.click("#live");
  assert.equal(await page.textContent("#live"), t("transactions.live"));
  assert.deepEqual(one.problems, []);
  await one.context.close();
});
