// A browser clicks through every page: in both languages, with scripts and without, on a desk and on a phone.
// With PLACET_PICTURES=FOLDER the pictures of docs/ are made there.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { called, desk, opened, phone, pictured, sound } from "./people.mjs";

const SECOND_FACTOR = "urn:placet:acr:second-factor";

const words = {
  en: {
    signIn: "Sign in", consent: "Demo client asks for access", account: "Choose an account", factor: "One more step",
    apps: "Connected apps", logout: "Sign out?", out: "You are signed out", stayed: "You are still signed in",
    answered: "Already done", request: "This request cannot be accepted", lost: "This page has ended",
    cookies: "Cookies are needed", forged: "This form did not come from here", missing: "There is no such page",
    wrong: "User name and password do not match.", none: "No app has access to your account.",
    signUp: "Make an account", taken: "Somebody has this user name already.",
  },
  ja: {
    signIn: "サインイン", consent: "Demo client がアクセスを求めています", account: "アカウントの選択",
    factor: "もう一段階の確認", apps: "連携中のアプリ", logout: "サインアウトしますか?", out: "サインアウトしました",
    stayed: "サインインしたままです", answered: "すでに完了しています", request: "この要求は受け付けられません",
    lost: "この画面は終了しました", cookies: "Cookie が必要です", forged: "このフォームはここから送られたものではありません",
    missing: "ページがありません", wrong: "ユーザー名とパスワードが一致しません。",
    none: "あなたのアカウントにアクセスできるアプリはありません。", signUp: "アカウントの作成",
    taken: "このユーザー名はすでに使われています。",
  },
};

async function api(path, body) {
  const response = await fetch(`${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.AUTHLETE_API_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, path);
  return response.json();
}

const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
// The client itself: whatever reaches it, the answer is read off the address.
const site = createServer((request, response) => response.end("the client")).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const CALLBACK = `http://localhost:${site.address().port}/callback`;
const client = await api("client/create", {
  clientName: "Demo client", clientType: "CONFIDENTIAL", applicationType: "WEB", tokenAuthMethod: "CLIENT_SECRET_BASIC",
  grantTypes: ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], responseTypes: ["CODE"], redirectUris: [CALLBACK],
  idTokenSignAlg: "ES256", authorizationDetailsTypes: ["payment_initiation"],
});
after(async () => {
  await browser.close();
  site.close();
  await placet.stop();
});

/** A person with a browser of their own. */
async function person(way = {}) {
  const { language = "en", picture = "" } = way;
  const { context, page, problems } = await opened(browser, way);
  const t = words[language];
  return {
    context,
    page,
    problems,
    t,
    /** The page has this heading, nothing wrong in its structure, and a picture of it is kept. */
    async sees(name, heading, { kept = true } = {}) {
      await sound(page, way, name, heading);
      const wanted = picture === "-en" || (picture && ["sign-in", "consent"].includes(name));
      if (wanted && kept) await pictured(page, `${name}${picture}`);
    },
    async asks(parameters = {}) {
      const query = new URLSearchParams({
        response_type: "code", scope: "openid email orders:read", client_id: client.clientId,
        redirect_uri: CALLBACK, state: "s", ...parameters,
      });
      return page.goto(`${env.DEMO_ISSUER}/authorize?${query}`);
    },
    async signsIn(login = "john", password = login) {
      await page.fill("#login", login);
      await page.fill("#password", password);
      await page.click("#submit");
    },
    /** What the client got. */
    async answer() {
      await page.waitForURL(`${CALLBACK}?**`, { timeout: 10_000 });
      return new URL(page.url()).searchParams;
    },
  };
}

/** The scopes of the tokens that a code is good for. */
async function scopes(code) {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
  const response = await fetch(`${env.DEMO_ISSUER}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: CALLBACK }),
  });
  const tokens = await response.json();
  assert.equal(response.status, 200, JSON.stringify(tokens));
  return tokens;
}

const ways = [
  { language: "en", scripts: true, screen: desk, picture: "-en" },
  { language: "ja", scripts: true, screen: desk, picture: "-ja" },
  { language: "en", scripts: false, screen: desk },
  { language: "ja", scripts: false, screen: desk },
  { language: "en", scripts: true, screen: phone, picture: "-phone" },
  { language: "ja", scripts: false, screen: phone },
];

for (const way of ways) {
  describe(called(way), () => {
    let john;
    before(async () => (john = await person(way)));
    after(async () => {
      // Pages that refuse say so with a status, which Chromium notes; nothing else may be there.
      const unexpected = john.problems.filter((text) => !/status of 4\d\d/.test(text));
      await john.context.close();
      assert.deepEqual(unexpected, []);
    });

    test("sign-in, wrong and right, consent in part", async () => {
      const { page, t } = john;
      await john.asks({ prompt: "consent" });
      await john.sees("sign-in", t.signIn);
      await john.signsIn("john", "guess");
      await john.sees("sign-in-wrong", t.signIn);
      assert.equal((await page.textContent("#problem")).trim(), t.wrong);
      assert.equal(await page.inputValue("#login"), "john");
      await john.signsIn();
      await john.sees("consent", t.consent);
      assert.ok(!page.url().includes("ticket"), page.url());
      await page.uncheck("input[value='orders:read']");
      await page.click("#allow");
      const { scope } = await scopes((await john.answer()).get("code"));
      assert.equal(scope, "openid email");
    });

    // shows FAPI1-Baseline 5.2.2/consent
    test("what was agreed to is not asked again, anything more is", async () => {
      await john.asks({ scope: "openid email" });
      assert.ok((await john.answer()).get("code"));
      await john.asks();
      await john.sees("consent-more", john.t.consent);
      await john.page.click("#deny");
      assert.equal((await john.answer()).get("error"), "access_denied");
    });

    test("prompts and ages", async () => {
      const { page, t } = john;
      await john.asks({ scope: "openid", prompt: "none" });
      assert.ok((await john.answer()).get("code"));
      for (const parameters of [{ prompt: "login" }, { max_age: "0" }]) {
        await john.asks({ scope: "openid", ...parameters });
        await john.sees("sign-in-again", t.signIn);
        await john.signsIn();
        assert.ok((await john.answer()).get("code"));
      }
      await new Promise((resolve) => setTimeout(resolve, 2100));
      await john.asks({ scope: "openid", max_age: "1" });
      await john.sees("sign-in-older", t.signIn);
      await john.signsIn();
      assert.ok((await john.answer()).get("code"));
      await john.asks({ scope: "openid", max_age: "600" });
      assert.ok((await john.answer()).get("code"));
      await john.asks({ scope: "openid", prompt: "select_account" });
      await john.sees("account", t.account);
      await page.click("#continue");
      assert.ok((await john.answer()).get("code"));
      await john.asks({ scope: "openid", prompt: "select_account" });
      await page.click("#other");
      await john.sees("sign-in-other", t.signIn);
      await page.click("#cancel");
      assert.equal((await john.answer()).get("error"), "access_denied");
    });

    test("a stronger proof, where it is asked for", async () => {
      const { page, t } = john;
      await john.asks({ scope: "openid", acr_values: SECOND_FACTOR });
      await john.sees("second-factor", t.factor);
      await page.fill("#code", "000000");
      await page.click("#submit");
      await john.sees("second-factor-wrong", t.factor);
      await page.fill("#code", "123456");
      await page.click("#submit");
      const { id_token } = await scopes((await john.answer()).get("code"));
      const { acr, amr } = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
      assert.deepEqual([acr, amr], [SECOND_FACTOR, ["pwd", "otp", "mfa"]]);
    });

    test("claims and authorization details are explained", async () => {
      const claims = { id_token: { birthdate: null, phone_number: { essential: true } } };
      const details = ["12", "7000"].map((amount) => ({
        type: "payment_initiation", actions: ["initiate"], instructedAmount: { currency: "EUR", amount },
      }));
      await john.asks({ claims: JSON.stringify(claims), authorization_details: JSON.stringify(details) });
      await john.sees("consent-details", john.t.consent);
      const text = await john.page.textContent("main");
      for (const part of ["payment_initiation", "instructedAmount", "1984-02-29"]) assert.ok(text.includes(part), part);
      await john.page.uncheck("input[value='birthdate']");
      await john.page.uncheck("#detail-2");
      await john.page.click("#allow");
      const { id_token, authorization_details } = await scopes((await john.answer()).get("code"));
      assert.deepEqual(authorization_details.map(({ instructedAmount }) => instructedAmount.amount), ["12"]);
      const given = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
      assert.equal(given.phone_number, "+1 555 0100");
      assert.equal(given.birthdate, undefined);
    });

    test("the back button, a page loaded again, two tabs", async () => {
      const { page, t, context } = john;
      await john.asks({ prompt: "consent" });
      const second = await context.newPage();
      await second.goto(page.url());
      await second.click("#allow");
      await page.click("#allow");
      await Promise.all([john.answer(), second.waitForURL(`${CALLBACK}?**`)]);
      // The same answer, for a button that was pressed twice.
      assert.equal(new URL(page.url()).searchParams.get("code"), new URL(second.url()).searchParams.get("code"));
      await second.close();
      await page.goBack();
      await page.reload();
      await john.sees("answered", t.answered);
    });

    test("grants that a client keeps apart, and the end of one", async () => {
      const { page, t } = john;
      for (const scope of ["openid orders:read", "openid email"]) {
        await john.asks({ scope, grant_management_action: "create" });
        await page.click("#allow");
        await john.answer();
      }
      await page.goto(`${env.DEMO_ISSUER}/apps`);
      await john.sees("apps-grants", t.apps);
      assert.equal(await page.locator("[id^=grant-]").count(), 2);
      await page.locator("[id^=grant-] button").first().click();
      await john.sees("apps-one-grant", t.apps, { kept: false });
      assert.equal(await page.locator("[id^=grant-]").count(), 1);
    });

    test("connected apps, and taking access back", async () => {
      const { page, t } = john;
      await page.goto(`${env.DEMO_ISSUER}/apps`);
      await john.sees("apps", t.apps);
      await page.click(".apps > li > form button");
      await john.sees("apps-none", t.apps);
      assert.ok((await page.textContent("main")).includes(t.none));
      await john.asks({ scope: "openid", prompt: "none" });
      assert.equal((await john.answer()).get("error"), "consent_required");
    });

    test("signing out, after a second thought", async () => {
      const { page, t } = john;
      await page.goto(`${env.DEMO_ISSUER}/logout`);
      await john.sees("logout", t.logout);
      await page.click("#no");
      await john.sees("stayed", t.stayed);
      await page.goto(`${env.DEMO_ISSUER}/logout`);
      await page.click("#yes");
      await john.sees("signed-out", t.out);
      await john.asks({ scope: "openid", prompt: "none" });
      assert.equal((await john.answer()).get("error"), "login_required");
    });

    test("wrong links, stale forms, lost sessions, no cookies", async () => {
      const { page, t, context } = john;
      await john.asks({ redirect_uri: "https://attacker.example/" });
      await john.sees("error-request", t.request);
      assert.ok(await page.textContent("#transaction"));
      await page.goto(`${env.DEMO_ISSUER}/nothing`);
      await john.sees("error-missing", t.missing);
      await page.goto(`${env.DEMO_ISSUER}/logout?post_logout_redirect_uri=https://attacker.example/`);
      assert.equal(new URL(page.url()).origin, new URL(env.DEMO_ISSUER).origin);
      // A form from before a login in another tab: what is next is shown.
      await john.asks();
      const stale = await context.newPage();
      await stale.goto(page.url());
      await john.signsIn();
      await stale.fill("#login", "john");
      await stale.fill("#password", "john");
      await stale.click("#submit");
      assert.equal((await stale.textContent("h1")).trim(), t.consent);
      // A form that was never shown here.
      await stale.evaluate(() => (document.querySelector("input[name=csrf]").value = "made up"));
      await stale.click("#allow");
      assert.equal((await stale.textContent("h1")).trim(), t.forged);
      await stale.click("a.button");
      assert.equal((await stale.textContent("h1")).trim(), t.consent);
      await stale.close();
      // The server no longer knows the session.
      const here = page.url();
      const cookie = (await context.cookies()).find(({ name }) => name === "placet-session");
      await context.addCookies([{ ...cookie, value: "gone" }]);
      await page.goto(here);
      await john.sees("error-lost", t.lost);
      await context.clearCookies({ name: "placet-session" });
      // A browser that refuses cookies is where the redirect leads, without one.
      await page.goto(here);
      await john.sees("error-cookies", t.cookies);
    });
  });
}

describe("languages", () => {
  test("the request may wish, the person decides", async () => {
    const guest = await person({ language: "en" });
    await guest.asks({ ui_locales: "fr ja" });
    assert.equal(await guest.page.getAttribute("html", "lang"), "ja");
    await guest.page.click("a[hreflang=en]");
    assert.equal(await guest.page.getAttribute("html", "lang"), "en");
    await guest.asks({ ui_locales: "ja" });
    assert.equal(await guest.page.getAttribute("html", "lang"), "en");
    await guest.context.close();
  });
});

describe("keyboard", () => {
  test("a whole flow without a mouse", async () => {
    const guest = await person();
    const { page } = guest;
    await guest.asks({ prompt: "consent" });
    await page.waitForFunction(() => document.activeElement.id === "login");
    await page.keyboard.type("jane");
    await page.keyboard.press("Tab");
    await page.keyboard.type("jane");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#consent");
    await page.focus("#allow");
    await page.keyboard.press("Enter");
    assert.ok((await guest.answer()).get("code"));
    await guest.context.close();
  });
});

describe("accounts", () => {
  for (const [number, way] of ways.entries()) {
    const name = called(way);
    test(`somebody without an account makes one: ${name}`, async () => {
      const guest = await person(way);
      const { page, t } = guest;
      await guest.asks({ scope: "openid", prompt: "create" });
      await guest.sees("sign-up", t.signUp);
      // Ten tries an hour are what one address has: a name that is taken is not tried in every way.
      if (way.scripts) {
        await guest.signsIn("john", "long enough");
        await guest.sees("sign-up-taken", t.signUp);
        assert.equal((await page.textContent("#problem")).trim(), t.taken);
        assert.equal(await page.inputValue("#login"), "john");
      }
      await guest.signsIn(`mia-${number}`, "long enough");
      assert.equal((await page.textContent("h1")).trim(), t.consent);
      await page.click("#allow");
      assert.ok((await guest.answer()).get("code"));
      await guest.context.close();
    });
  }
});

describe("playground", () => {
  const played = {
    en: {
      home: "From a click to a token", run: "Bound tokens (DPoP)", verified: "signature verified",
      device: "A device without a keyboard", ciba: "Behind the user's back (CIBA)",
      consent: "Playground asks for access",
    },
    ja: {
      home: "クリックからトークンまで", run: "鍵に結び付いたトークン(DPoP)", verified: "署名を検証済み",
      device: "キーボードのないデバイス", ciba: "裏側での認証(CIBA)", consent: "Playground がアクセスを求めています",
    },
  };
  for (const way of ways) {
    const { language } = way;
    const name = called(way);
    test(`what is broken is found out, and said why: ${name}`, async () => {
      const guest = await person(way);
      const { page } = guest;
      const found = { verifier: "A050315", twice: "A902301", redirect_uri: "A050309", secret: "A157305", proof: "invalid_token" };
      for (const [number, broken] of Object.keys(found).entries()) {
        await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
        await page.selectOption("#broken", broken);
        await page.click("#start-dpop");
        if (number === 0) await guest.signsIn();
        await page.waitForURL("**/play/runs/*");
        const problem = await page.textContent("#problem");
        assert.ok(problem.includes(found[broken]), `${broken}: ${problem}`);
        assert.ok(await page.$(".diagram .refused .arrow"), `${broken}: nothing in the diagram is refused`);
      }
      await guest.sees("play-broken", played[language].run, { kept: false });
      await guest.context.close();
    });

    test(`one click and one sign-in lead to a token: ${name}`, async () => {
      const guest = await person(way);
      const { page } = guest;
      for (const [number, flow] of ["plain", "pkce", "par", "jar", "jarm", "dpop"].entries()) {
        await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
        if (number === 0) await guest.sees("play", played[language].home);
        await page.click(`#start-${flow}`);
        if (number === 0) await guest.signsIn();
        await page.waitForURL("**/play/runs/*");
        assert.ok(await page.$("#done"), `${flow}: ${await page.textContent("main")}`);
        const text = await page.textContent("main");
        for (const part of ["auth/authorization", "INTERACTION", "auth/token", played[language].verified, "Green tea"]) {
          assert.ok(text.includes(part), `${flow} lacks ${part}`);
        }
      }
      await page.evaluate(() => document.querySelectorAll("details").forEach((one, n) => (one.open = n < 2)));
      if (way.picture === "-en") await pictured(page, "play-run-en", {});
      await guest.sees("play-run", played[language].run, { kept: false });
      await guest.context.close();
    });

    test(`what comes after the tokens: ${name}`, async () => {
      const guest = await person(way);
      const { page } = guest;
      const parts = {
        step_up: ["insufficient_user_authentication", "acr_values", "12.80 EUR"],
        exchange: ["grant-type:token-exchange", "Green tea"],
        grants: ["grant_management_action", "auth/token", "invalid_token"],
      };
      for (const [number, flow] of Object.keys(parts).entries()) {
        await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
        await page.click(`#start-${flow}`);
        if (number === 0) {
          await guest.signsIn();
          await page.fill("#code", "123456");
          await page.click("#submit");
        }
        await page.waitForURL("**/play/runs/*");
        assert.ok(await page.$("#done"), `${flow}: ${await page.textContent("main")}`);
        const text = await page.textContent("main");
        for (const part of parts[flow]) assert.ok(text.includes(part), `${flow} lacks ${part}`);
      }
      assert.deepEqual(guest.problems, []);
      await guest.context.close();
    });

    test(`a person answers elsewhere, and the client gets its tokens: ${name}`, async () => {
      const guest = await person(way);
      const { page } = guest;
      for (const flow of ["device", "ciba"]) {
        await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
        await page.click(`#start-${flow}`);
        await guest.sees(`play-${flow}`, played[language][flow]);
        const code = await page.textContent(".panes .code");
        await page.click("#ask");
        assert.match(await page.textContent("#told"), /authorization_pending/);
        // The person has another tab; here it is the same one, and the client waits behind it.
        const run = page.url();
        assert.equal(await page.getAttribute("#answer", "target"), "_blank");
        await page.goto(new URL(await page.getAttribute("#answer", "href"), run).href);
        if (flow === "device") {
          await guest.signsIn();
          await page.click("#device #submit");
        } else {
          assert.ok((await page.textContent("main")).includes(code));
          await page.click("form[id^=open-] button");
        }
        assert.equal((await page.textContent("h1")).trim(), played[language].consent);
        await page.click("#allow");
        await page.waitForLoadState();
        await page.goto(run);
        await page.click("#ask");
        assert.ok(await page.$("#done"), `${flow}: ${await page.textContent("main")}`);
        const text = await page.textContent("main");
        for (const part of ["AUTHORIZED", "auth/token", played[language].verified, "Green tea"]) {
          assert.ok(text.includes(part), `${flow} lacks ${part}`);
        }
      }
      assert.deepEqual(guest.problems, []);
      await guest.context.close();
    });
  }
});
