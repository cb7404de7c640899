// The console for everybody: every page that a link leads to, in the dark, at twice the size, by keyboard alone; and what
// hostile clients are called is shown and not run.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { caller, operator, rules } from "./console.mjs";
import { desk, fits, flawless, phone } from "./people.mjs";

const HOSTILE = `<img src=x onerror="globalThis.ran=1">"><script>globalThis.ran=1</script>{{ 7*7 }}‮gpj.exe`;
/** What no name of anybody may bring into a page. */
const FOREIGN = `main img, main script:not([src^="/console/assets/"])`;
const browser = await openBrowser();
const placet = await startPlacet();
const { env } = placet;
const api = caller(env);
const service = env.AUTHLETE_SERVICE_ID;
let pages;

before(async () => {
  await api("POST", `${service}/client/create`, {
    clientName: HOSTILE, description: HOSTILE, developer: HOSTILE, clientType: "PUBLIC", tokenAuthMethod: "NONE",
    grantTypes: ["AUTHORIZATION_CODE"], responseTypes: ["CODE"], redirectUris: ["https://a.example/?q=%3Cscript%3E"],
  });
  pages = await reached();
});
after(async () => {
  await browser.close();
  await placet.stop();
});

/** Addresses whose pages are of one kind are one: numbers, codes and hashes in them differ, and what is looked for. */
function kind(url) {
  const { pathname, search } = new URL(url);
  return pathname.replace(/\/profile\/[^/]+$/, "/profile/N").replace(/\/[^/]*[A-Z0-9][^/]*/g, "/N") + search.replace(/=[^&]*/g, "");
}

/** Every kind of page that links lead to from the home page; none of them leads nowhere. */
async function reached() {
  const one = await operator(browser, placet);
  await one.signsIn();
  const found = new Map([[kind(one.page.url()), one.page.url()]]);
  for (const url of found.values()) {
    const response = await one.page.goto(url);
    assert.ok(response.status() < 400, `${url} is linked to, and answers ${response.status()}`);
    const links = await one.page.locator("a[href]").evaluateAll((all) => all.map(({ href }) => href.split("#")[0]));
    for (const link of links) {
      // A transaction can be had as a file, which is no page.
      const isOurs = link.startsWith(one.console) && !link.includes("lang=") && !link.endsWith("/json");
      if (isOurs && !found.has(kind(link))) found.set(kind(link), link);
    }
    assert.ok(found.size < 60, "pages without end");
  }
  await one.context.close();
  return [...found.values()];
}

/** Does something on each page, as somebody with a browser of this kind. */
async function everywhere(way, act) {
  const one = await operator(browser, placet, way);
  await one.signsIn();
  for (const url of pages) {
    await one.page.goto(url);
    await act(one, kind(url));
  }
  assert.deepEqual(one.problems, []);
  await one.context.close();
}

test("every link leads to a page", () => {
  const kinds = pages.map(kind);
  for (const part of ["", "/services", "/services/N", "/services/N/settings", "/services/N/profile", "/services/N/keys", "/services/N/scopes",
    "/services/N/clients", "/services/N/clients/N", "/services/N/tokens", "/services/N/delete", "/tokens", "/members", "/audit", "/palette"]) {
    assert.ok(kinds.includes(`/console${part}`), `nothing leads to ${part}: ${kinds.join(" ")}`);
  }
});

test("the navigation says where one is", async () => {
  await everywhere({}, async ({ page }, name) => {
    const links = await page.locator("nav.side li a").evaluateAll((all) =>
      all.map((one) => [new URL(one.href).pathname, one.getAttribute("aria-current")]));
    const { pathname } = new URL(page.url());
    for (const [href, current] of links) {
      if (href === pathname) assert.equal(current, "page", `${name}: ${href}`);
      else assert.ok(!current || (current === "true" && pathname.startsWith(`${href}/`)), `${name}: ${href} ${current}`);
    }
    assert.ok(links.some(([, current]) => current) || /\/(palette|why)|delete/.test(pathname), name);
  });
});

test("in the dark there is contrast, on a phone in Japanese too", async () => {
  await everywhere({ colorScheme: "dark", language: "ja", screen: phone }, async ({ page }, name) => {
    await flawless(page, name, rules);
    await fits(page, name);
  });
});

test("at twice the size nobody scrolls sideways", async () => {
  // WCAG 2.2, 1.4.4 and 1.4.10: half the width is what a page has at 200 %.
  const screen = { viewport: { width: 640, height: 512 } };
  await everywhere({ screen, bypassCSP: true }, async ({ page }, name) => {
    await page.addStyleTag({ content: ":root { font-size: 200% !important }" });
    await fits(page, name);
    const cut = await page.locator("main :is(h1, h2, label, button, dt)").evaluateAll((all) =>
      all.filter((one) => one.offsetWidth > 1 && one.scrollWidth > one.offsetWidth + 1).map((one) => one.outerHTML));
    assert.deepEqual(cut, [], name);
  });
});

test("the keyboard reaches everything, and where it is can be seen", async () => {
  await everywhere({ screen: desk }, async ({ page }, name) => {
    const wanted = await page.locator("a[href], button, input:not([type=hidden]), select, textarea, summary").evaluateAll((all) => {
      const shown = all.filter((one) => one.checkVisibility() && !one.disabled);
      // Of the buttons of one choice, one is a stop.
      const stops = shown.filter((one) => one.type !== "radio" || one.checked);
      stops.forEach((one, number) => (one.dataset.stop = String(number)));
      return stops.length;
    });
    const missed = new Set(Array.from({ length: wanted }, (_, number) => String(number)));
    for (let tabs = 0; tabs < wanted + 10 && missed.size; tabs += 1) {
      await page.keyboard.press("Tab");
      const { stop, hidden, html } = await page.evaluate(() => {
        const one = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        const { left, top, width, height } = one.getBoundingClientRect();
        // What lies over it would hide it (WCAG 2.2, 2.4.11).
        const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.8]].map(([x, y]) => document.elementFromPoint(left + width * x, top + height * y));
        const seen = points.some((over) => over && (one.contains(over) || over.contains(one)));
        const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        const scrolls = one.matches(".scroll, pre");
        return { stop: one.dataset.stop, hidden: one !== document.body && !scrolls && !(isMarked && seen), html: one.outerHTML.slice(0, 200) };
      });
      assert.ok(!hidden, `${name}: the focus is not seen on ${html}`);
      missed.delete(stop);
    }
    const left = await page.locator("[data-stop]").evaluateAll((all, missed) =>
      all.filter((one) => missed.includes(one.dataset.stop)).map((one) => one.outerHTML.slice(0, 200)), [...missed]);
    assert.deepEqual(left, [], `${name}: the keyboard does not get there`);
  });
});

test("a setting is changed by keyboard alone", async () => {
  const one = await operator(browser, placet);
  const { page, t } = one;
  await one.signsIn();
  await one.go(`/services/${service}/settings?q=accessTokenDuration`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  while ((await page.evaluate(() => document.activeElement.id)) !== "f-accessTokenDuration") await page.keyboard.press("Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("1200");
  await page.keyboard.press("Enter");
  await page.waitForSelector("main section[role=status]");
  await one.isTold(t("told.changed", { about: "accessTokenDuration" }));
  await one.context.close();
});

describe("hostile names", () => {
  test("are shown on every page, and run on none", async () => {
    await everywhere({}, async ({ page }, name) => {
      assert.equal(await page.evaluate(() => globalThis.ran), undefined, name);
      assert.equal(await page.locator(FOREIGN).count(), 0, name);
    });
    const one = await operator(browser, placet);
    const { page, t } = one;
    await one.signsIn();
    await one.go(`/services/${service}/clients?q=${encodeURIComponent("<img src=x")}`);
    await one.sees("clients-hostile", `${t("clients.title")}: ${await page.textContent(".side h2 a")}`);
    await page.click("tbody th a");
    assert.equal((await page.textContent("h1")).trim(), HOSTILE);
    await one.sees("client-hostile", HOSTILE);
    // In whatever is shown to be done by a shell or by Terraform the name stays a text.
    await one.sends(one.form("/lock"));
    await one.isTold(t("told.locked"));
    await one.sends(one.form("/delete"), { name: HOSTILE });
    await one.isTold(t("told.client_deleted", { about: HOSTILE }));
    await one.go(`/audit?q=${encodeURIComponent("<img src=x")}`);
    await one.sees("audit-hostile", t("audit.title"));
    assert.equal(await page.evaluate(() => globalThis.ran), undefined);
    assert.deepEqual(one.problems, []);
    await one.context.close();
  });

  test("from a link stay texts too", async () => {
    const one = await operator(browser, placet);
    await one.signsIn();
    for (const path of [`/services/${service}/clients?q=`, `/services/${service}/settings?q=`, "/audit?q=", "/nothing/", "/sign-in?to=", "/sign-in?code="]) {
      await one.go(path + encodeURIComponent(HOSTILE));
      assert.equal(await one.page.evaluate(() => globalThis.ran), undefined, path);
      assert.equal(await one.page.locator(FOREIGN).count(), 0, path);
    }
    await one.context.close();
  });
});

describe("around the pages", () => {
  test("light and dark, and the language, stay as they were chosen; what is copied is the value", async () => {
    const one = await operator(browser, placet, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = one;
    await one.signsIn();
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.click("[data-theme-switch]");
    assert.equal(await page.getAttribute("[data-theme-switch]", "aria-pressed"), "true");
    await one.go(`/services/${service}`);
    assert.notEqual(await paper(), light);
    await flawless(page, "chosen dark", rules);
    await page.click("a[hreflang=ja]");
    assert.ok(page.url().includes(`/services/${service}`));
    await one.go("/services");
    assert.equal(await page.getAttribute("html", "lang"), "ja");
    await one.go(`/services/${service}`);
    await page.locator("dd .copy").first().click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), service);
    assert.deepEqual(one.problems, []);
    await one.context.close();
  });

  test("a session that has ended leads back to where one was", async () => {
    const one = await operator(browser, placet);
    const { page, t, context } = one;
    await one.signsIn();
    await one.go(`/services/${service}/keys`);
    await context.clearCookies({ name: "placet-console" });
    await one.sends(one.form("/keys", "generate"), { alg: "ES256" });
    await one.isRefused("signed-out", "problem.signed_out", { links: "main .links a" });
    await page.click("main .links a");
    await page.fill("#token", env.AUTHLETE_ORG_TOKEN);
    await page.click("form:has(#token) button");
    await page.waitForURL(`**/services/${service}/keys`);
    await one.sees("keys", `${t("keys.title")}: Demo service`);
    await context.close();
  });

  test("another site's form does nothing", async () => {
    const one = await operator(browser, placet);
    const { page, context } = one;
    await one.signsIn();
    const before = (await api("GET", "service/get/list")).totalCount;
    // The second is the same site, whose forms have the session's cookie: another port of this machine.
    for (const site of ["http://evil.example/", "http://127.0.0.1:1/"]) {
      await context.route(site, (route) => route.fulfill({
        contentType: "text/html",
        body: `<form method="post" action="${one.console}/services"><input name="name" value="Theirs"><button>Win</button></form>`,
      }));
      await page.goto(site);
      await page.click("button");
      await one.isRefused("other-site", "problem.other_site", { links: "main .links a" });
      assert.ok(!(await page.textContent("main")).includes("Theirs"));
    }
    assert.equal((await api("GET", "service/get/list")).totalCount, before);
    await context.close();
  });

  test("a token of one service sees that service", async () => {
    const one = await operator(browser, placet);
    await one.signsIn(env.AUTHLETE_API_TOKEN, "");
    await one.sees("home-of-service", one.t("home.title"));
    assert.equal(await one.page.locator("main article").count(), 1);
    assert.equal(await one.page.locator(".side a[href$='/members'], .side a[href$='/audit']").count(), 0);
    await one.go("/members");
    await one.isRefused("forbidden-to-service", "problem.forbidden", { links: "main .links a" });
    await one.context.close();
  });
});
