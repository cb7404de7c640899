// A browser does what operators do at the console: in both languages, with scripts and without, on a desk and on a phone.
// With PLACET_PICTURES=FOLDER the pictures of docs/ are made there.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { caller, operator } from "./console.mjs";
import { called, desk, phone } from "./people.mjs";

const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
const api = caller(env);
after(async () => {
  await browser.close();
  await placet.stop();
});

const ways = [
  { language: "en", scripts: true, screen: desk, picture: "-en" },
  { language: "ja", scripts: true, screen: phone, picture: "-ja-phone" },
  { language: "ja", scripts: false, screen: desk },
  { language: "en", scripts: false, screen: phone },
];
const PEM = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

for (const [number, way] of ways.entries()) {
  describe(called(way), () => {
    const name = `Bakery ${number}`;
    let one, of, client;
    before(async () => (one = await operator(browser, placet, way)));
    after(async () => {
      // Pages that refuse say so with a status, which Chromium notes; nothing else may be there.
      const unexpected = one.problems.filter((text) => !/status of 4\d\d/.test(text));
      await one.context.close();
      assert.deepEqual(unexpected, []);
    });

    test("signing in, wrong and right, and the home page", async () => {
      const { page, t } = one;
      await one.go("/services");
      await one.sees("sign-in", t("sign_in.title"));
      await one.sends(one.form("/sign-in").first(), { "secret.token": "guess" });
      await one.sees("sign-in-wrong", t("sign_in.title"));
      assert.equal(await page.textContent("#why"), t("sign_in.wrong"));
      if (number === 0) {
        // The link is good once.
        await one.go(one.link);
        await one.sees("sign-in-link", t("sign_in.title"));
        await page.click("main button");
        await one.sees("home", t("home.title"));
        await one.sends(one.form("/sign-out"));
        await one.go(one.link);
        await page.click("main button");
        assert.equal(await page.textContent("#why"), t("sign_in.over"));
      }
      await one.signsIn();
      await one.sees("home", t("home.title"));
    });

    test("a service is made, copied, and the copy deleted", async () => {
      const { page, t } = one;
      await page.click("nav.side a[href$='/services']");
      await one.sees("services", t("services.title"));
      await one.sends(one.form("/services"), { name, issuer: `https://bakery-${number}.example` });
      await one.isTold(t("told.service_made", { about: name }), {
        ways: ["placet service create", "/api/service/create", 'resource "authlete_service"'],
      });
      await one.sees("service", name);
      of = new URL(page.url()).pathname.replace("/console", "");
      await one.sends(one.form("/clone"), { name: `${name} copy`, issuer: "" });
      await one.sees("service-copy", `${name} copy`);
      await page.click("a[href$='/delete']");
      await one.sees("service-delete", t("services.delete"));
      await one.sends(one.form("/delete"), { name: "another" });
      await one.isRefused("wrong-name", "problem.wrong");
      assert.ok((await page.textContent("main")).includes(t("wrong.typed_name")));
      await page.goBack();
      await one.sends(one.form("/delete"), { name: `${name} copy` });
      await one.isTold(t("told.service_deleted", { about: `${name} copy` }), { ways: ["delete"] });
    });

    test("a setting is found by the specification's name, and changed", async () => {
      const { page, t } = one;
      await one.go(`${of}/settings`);
      await one.sees("settings", `${t("settings.title")}: ${name}`);
      for (const [typed, found] of [["authorization_endpoint", "authorizationEndpoint"], ["expires_in", "accessTokenDuration"]]) {
        await one.sends(page.locator("main form[role=search]"), { q: typed });
        assert.ok(await page.isVisible(`#${found}`), typed);
      }
      const settings = page.locator("form.settings");
      await one.sends(settings, { "s.accessTokenDuration": "soon" });
      await one.sees("settings-wrong", `${t("settings.title")}: ${name}`);
      assert.equal(await page.getAttribute("#f-accessTokenDuration", "aria-invalid"), "true");
      await one.sends(settings, { "s.accessTokenDuration": "600" });
      await one.isTold("accessTokenDuration", { ways: ["'accessTokenDuration=600'", "If-Match", "access_token_duration = 600"] });
      assert.equal(await page.inputValue("#f-accessTokenDuration"), "600");
      assert.equal(await page.textContent("#accessTokenDuration .badge"), t("settings.changed"));
      await one.sees("settings-changed", `${t("settings.title")}: ${name}`);
      await one.go(`${of}/settings?changed=1`);
      assert.ok((await page.isVisible("#accessTokenDuration")) && !(await page.isVisible("#idTokenDuration")));
    });

    test("a client of each template, and what its secret is", async () => {
      const { page, t } = one;
      for (const template of ["spa", "web", "native", "machine", "device", "fapi2"]) {
        await one.go(`${of}/clients/new?template=${template}`);
        if (template === "web") await one.sees("client-new", t("clients.new"));
        const fields = { name: `Till ${template}` };
        if (await page.isVisible("#uris")) fields.uris = `https://till.example/${template}`;
        if (await page.isVisible("#jwks_uri")) fields.jwks_uri = "https://till.example/jwks";
        await one.sends(one.form("/clients"), fields);
        const told = await one.isTold(t("told.client_made", { about: fields.name }), {
          ways: ["--template", "/client/create", 'resource "authlete_client"'], open: true,
        });
        const secret = told.locator("code.whole");
        assert.equal(await secret.count(), ["web", "machine"].includes(template) ? 1 : 0, template);
        if (template === "web") {
          const value = await secret.textContent();
          assert.ok(value.length >= 32);
          await one.sees("client-made", fields.name);
          client = new URL(page.url()).pathname.replace("/console", "");
          await page.reload();
          assert.ok(!(await page.content()).includes(value), "a secret is shown once");
        }
      }
      await one.go(`${of}/clients`);
      await one.sees("clients", `${t("clients.title")}: ${name}`);
      await one.sends(page.locator("main form[role=search]"), { q: "till.example/native" });
      assert.deepEqual(await page.locator("tbody th").allTextContents(), ["Till native"]);
    });

    test("a client's redirect URIs, secret, lock, settings and end", async () => {
      const { page, t } = one;
      await one.go(client);
      const tries = { "https://till.example/web": "exact", "https://till.example/web/": "slash", "https://other.example/": "unknown" };
      for (const [uri, verdict] of Object.entries(tries)) {
        await one.sends(page.locator("#redirects form"), { uri });
        assert.ok((await page.textContent("#redirects [role=status]")).includes(t(`redirect.${verdict}`)), uri);
      }
      await one.sees("client-redirect", "Till web");
      await one.sends(one.form("/secret"));
      const told = await one.isTold(t("told.secret_rotated"), { ways: ["secret rotate"] });
      assert.ok((await told.locator("code.whole").textContent()).length >= 32);
      await one.sends(one.form("/lock"));
      await one.isTold(t("told.locked"));
      await one.sees("client-locked", `Till web ${t("clients.locked")}`);
      await one.sends(one.form("/lock"));
      await one.isTold(t("told.unlocked"));
      await one.go(`${client}/settings?q=logo_uri`);
      await one.sends(page.locator("form.settings"), { "s.logoUri": "https://till.example/logo.png" });
      await one.isTold("logoUri", { ways: ["placet client"] });
      await one.sees("client-settings", `${t("settings.title")}: Till web`);
      await one.go(client);
      await one.sends(one.form("/delete"), { name: "another" });
      await one.isRefused("wrong-client-name", "problem.wrong");
      await page.locator("main .links a").first().click();
      await one.sends(one.form("/delete"), { name: "Till web" });
      await one.isTold(t("told.client_deleted", { about: "Till web" }));
      const gone = await one.go(client);
      assert.equal(gone.status(), 404);
      await one.isRefused("not-found", "problem.not_found", { links: "main .links a" });
    });

    test("a security profile, with what it changes", async () => {
      const { page, t } = one;
      await one.go(of);
      await page.click("main a[href$='/profile']");
      await one.sees("profiles", `${t("profile.title")}: ${name}`);
      await page.click("a[href$='/profile/fapi-2']");
      const title = (await page.textContent("h1")).trim();
      await one.sees("profile", title);
      assert.match(await page.textContent("main table"), /fapiModes/);
      assert.ok((await page.textContent("main table")).includes(t("profile.tightens")));
      // Those that are public or have a secret could not go on; that of the profile could.
      const stopped = await page.locator("main li a").allTextContents();
      assert.ok(stopped.includes("Till spa") && !stopped.includes("Till fapi2"), stopped.join());
      await one.sends(one.form("/profile/fapi-2"));
      await one.isTold(title.split(":")[0], { ways: ["fapiModes", "/service/update", "fapi_modes"] });
      assert.ok((await page.textContent(".card:has(.badge) h2")).includes(t("profile.in_force")));
    });

    test("scopes: added, changed, taken away", async () => {
      const { page, t } = one;
      await one.go(`${of}/scopes`);
      await one.sees("scopes", `${t("scopes.title")}: ${name}`);
      await one.sends(one.form("/scopes", "add"), { name: "till", description: "Use the till", attributes: "access_token.duration: 60" });
      await one.isTold(t("told.scope_added", { about: "till" }), { ways: ["supportedScopes", "/service/update", "supported_scopes"] });
      await page.locator('tr:has-text("till") a').click();
      await one.sees("scope", `${t("scopes.title")}: ${name}`);
      await one.sends(one.form("/scopes", "save"), { descriptions: "ja: レジ" });
      await one.isTold(t("told.scope_saved", { about: "till" }));
      await one.sends(page.locator('tr:has-text("till") form'));
      await one.isTold(t("told.scope_removed", { about: "till" }), { ways: ["placet scope"] });
      assert.equal(await page.locator('tr:has-text("till")').count(), 0);
    });

    test("keys: next, active, retired, removed; and one that is brought", async () => {
      const { page, t } = one;
      const states = async () => page.locator("article h2 .badge").allTextContents();
      const key = (kid, wish) => page.locator(`article:has-text("${kid}") form:has(input[value=${wish}])`);
      await one.go(`${of}/keys`);
      const before = await page.locator("article:has-text('ES256') h2 code").textContent();
      await one.sends(one.form("/keys", "generate"), { alg: "ES256" });
      await one.isTold("", { ways: ["placet key", "/service/update"] });
      await one.sees("keys", `${t("keys.title")}: ${name}`);
      assert.ok((await states()).includes(t("keys.next")));
      const next = await page.locator(`article:has(.badge:text-is("${t("keys.next")}")) h2 code`).textContent();
      await one.sends(key(next, "activate"));
      await one.isTold(t("told.key_active", { about: next }), { ways: ["--activate"] });
      await one.sees("keys-retired", `${t("keys.title")}: ${name}`);
      assert.ok((await page.textContent(`article:has-text("${before}") .badge`)).includes(t("keys.retired")));
      await one.sends(key(before, "remove"));
      await one.isTold(t("told.key_removed", { about: before }));
      // One that signs goes only if its kid is typed.
      await one.sends(key(next, "remove"));
      await one.isRefused("wrong-kid", "problem.wrong");
      await one.go(`${of}/keys`);
      await one.sends(one.form("/keys", "import"), { "secret.key": "no key", alg: "ES256" });
      await one.isRefused("wrong-key", "problem.wrong");
      assert.ok(!(await page.content()).includes("no key"), "what may be a key is not shown");
      await one.go(`${of}/keys`);
      await one.sends(one.form("/keys", "import"), { "secret.key": PEM(), alg: "ES256" });
      await one.isTold("", { ways: ["import FILE"] });
      assert.ok(!(await page.content()).includes("PRIVATE KEY"));
    });

    test("tokens of the API: made, given a new value, revoked", async () => {
      const { page, t } = one;
      for (const [at, preset] of [[`${of}/tokens`, "resource_server"], ["/tokens", "read_only"]]) {
        await one.go(at);
        await one.sends(one.form(at, "make"), { description: `Bread ${number}`, preset, days: "30" });
        const told = await one.isTold(t("told.token_made"), { ways: ["placet api-token", "create"] });
        const value = await told.locator("code.whole").textContent();
        await one.sees(at === "/tokens" ? "tokens-organization" : "tokens", (await page.textContent("h1")).trim());
        assert.ok(!(await told.locator("pre").allTextContents()).join().includes(value), "no way tells the value");
        const form = (wish) => page.locator(`article:has(h2:text-is("Bread ${number}")) form:has(input[value=${wish}])`);
        await one.sends(form("rotate"), { grace: "600" });
        assert.notEqual(await (await one.isTold(t("told.token_rotated"))).locator("code.whole").textContent(), value);
        assert.ok((await page.textContent(`article:has(h2:text-is("Bread ${number}"))`)).includes(t("tokens.former")));
        await one.sends(form("revoke"));
        await one.isTold(t("told.token_revoked"), { ways: ["revoke"] });
        assert.equal(await form("revoke").count(), 0);
      }
    });

    test("members: invited, joined, given a role, removed", async () => {
      const { page, t } = one;
      const email = `baker-${number}@bakery.example`;
      await one.go("/members");
      await one.sends(one.form("/members", "invite"), { email, role: "DEVELOPER" });
      const code = await (await one.isTold(t("told.invited", { about: email }))).locator("code.whole").textContent();
      await one.sees("members", t("members.title"));
      const guest = await operator(browser, placet, { ...way, picture: "" });
      await guest.go("/sign-in");
      await guest.page.click("main summary");
      await guest.sends(guest.page.locator("main details form"), { "secret.invitation": code });
      await guest.isTold(t("told.joined"));
      await guest.sees("joined", t("home.title"));
      // A developer has no members to manage, and is told so in a page with a way on.
      await guest.go("/members");
      await guest.isRefused("forbidden", "problem.forbidden", { links: "main .links a" });
      await guest.context.close();
      await one.go("/members");
      const form = (wish) => page.locator(`article:has-text("${email}") form:has(input[value=${wish}])`);
      await one.sends(form("role"), { role: "VIEWER" });
      await one.isTold(t("told.role"));
      await one.sends(form("remove"));
      await one.isTold(t("told.member_removed"));
      assert.equal(await form("remove").count(), 0);
    });

    test("the audit log has before and after", async () => {
      const { page, t } = one;
      await one.go("/audit");
      await one.sends(page.locator("main form[role=search]"), { q: "accessTokenDuration" });
      const entry = page.locator("article", { has: page.locator("tr", { hasText: "accessTokenDuration" }) }).filter({ hasText: of.split("/").pop() });
      await entry.locator("summary").first().click();
      await one.sees("audit", t("audit.title"));
      const cells = await entry.locator("tr", { hasText: "accessTokenDuration" }).first().locator("td").allTextContents();
      assert.equal(cells[1], "600", cells.join(" → "));
    });

    test("the palette leads everywhere", async () => {
      const { page, t } = one;
      const entry = `${name}: ${t("keys.title")}`;
      await one.go("");
      if (way.scripts) {
        await page.keyboard.press("Control+k");
        await page.waitForSelector("dialog[open] input");
        await page.keyboard.type(entry);
        await one.sees("palette", t("home.title"));
        await page.keyboard.press("Escape");
        assert.ok(!(await page.isVisible("dialog")));
        await page.keyboard.press("Control+k");
        await page.keyboard.type(entry);
        await page.keyboard.press("Enter");
      } else {
        await page.click("[data-opens-palette]");
        await one.sees("palette-page", t("page.palette"));
        await page.click(`#palette-entries a:text-is("${entry}")`);
      }
      await page.waitForURL(`**${of}/keys`);
    });

    test("forms that are too old, and from elsewhere, have a way on", async () => {
      const { page, t } = one;
      const id = of.split("/").pop();
      // Somebody else is faster: both are shown, and saving again has mine.
      await one.go(`${of}/settings?q=idTokenDuration`);
      await api("PATCH", `${id}/service/update`, { idTokenDuration: 700 });
      const settings = page.locator("form.settings");
      await one.sends(settings, { "s.idTokenDuration": "800" });
      await one.sees("conflict", `${t("settings.title")}: ${name}`);
      assert.ok((await page.textContent("main")).includes(t("settings.conflict")));
      assert.equal(await page.textContent("#idTokenDuration .note code"), "700");
      await one.sends(settings);
      await one.isTold("idTokenDuration");
      // Keys are not sent again by themselves: what verifiers see was another thing then.
      await one.go(`${of}/keys`);
      await api("PATCH", `${id}/service/update`, { idTokenDuration: 900 });
      await one.sends(one.form("/keys", "generate"), { alg: "ES256" });
      await one.isRefused("changed", "problem.changed");
      // A form of another session is sent once more only if somebody means it.
      await one.go(`${of}/settings?q=idTokenDuration`);
      await page.locator("form.settings input[name=csrf]").evaluate((field) => (field.value = "made up"));
      await one.sends(settings, { "s.idTokenDuration": "1000" });
      await one.isRefused("old-form", "problem.old_form");
      assert.ok((await page.textContent(".kept")).includes("1000"));
      await one.sends(page.locator("main form"));
      await one.isTold("idTokenDuration");
      assert.equal((await api("GET", `${id}/service/get`)).idTokenDuration, 1000);
    });
  });
}
