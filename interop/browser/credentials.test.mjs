// A browser makes an offer of credentials, and the playground's wallet takes it: in both languages, with scripts and
// without, on a desk and on a phone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startPlacet } from "../placet.mjs";
import { openBrowser } from "./chromium.mjs";
import { called, desk, opened, phone, pictured, sound } from "./people.mjs";

const words = {
  en: {
    offer: "A credential for your wallet", card: "Identity card", nothing: "Choose at least one credential",
    wallet: "A wallet takes an offer", asks: "A wallet asks for credentials", agree: "Credential for a wallet: Driving licence",
  },
  ja: {
    offer: "ウォレットへの証明書の発行", card: "身分証明書", nothing: "証明書を一つ以上選び",
    wallet: "ウォレットがオファーを受け取る", asks: "ウォレットが証明書を求める", agree: "ウォレット用の証明書: 運転免許証",
  },
};

const browser = await openBrowser();
const { env, stop } = await startPlacet();
after(async () => {
  await browser.close();
  await stop();
});

const ways = [
  { language: "en", scripts: true, screen: desk, picture: "-en" },
  { language: "ja", scripts: true, screen: phone },
  { language: "ja", scripts: false, screen: desk },
  { language: "en", scripts: false, screen: phone },
];

const sees = (page, way, heading) => sound(page, way, heading, heading);

/** What was looked at of each credential, and that all of it is right. */
async function verified(page, count) {
  const text = await page.textContent("main");
  assert.ok(await page.$("#done"), text);
  assert.equal(await page.locator(".checks").count(), count, text);
  assert.equal(await page.locator(".checks li", { hasText: "✗" }).count(), 0, text);
}

for (const way of ways) {
  const { language, picture } = way;
  const name = called(way);
  const t = words[language];
  test(`an offer becomes credentials: ${name}`, async () => {
    const { context, page, problems } = await opened(browser, way);
    await page.goto(`${env.DEMO_ISSUER}/offer`);
    await page.fill("#login", "john");
    await page.fill("#password", "john");
    await page.click("#submit");
    await sees(page, way, t.offer);
    await page.check("#kind-2");
    await page.check("#kind-3");
    await page.click("#make #submit");
    await sees(page, way, t.offer);
    assert.ok((await page.textContent("#made")).includes(t.card));
    // The picture is drawn.
    const box = await page.locator("img.qr").boundingBox();
    assert.ok(box.width > 200 && Math.abs(box.width - box.height) < 1, JSON.stringify(box));
    assert.ok(await page.locator("img.qr").evaluate((image) => image.complete && image.naturalWidth > 0));
    const [link, code] = [await page.textContent("#link"), await page.textContent("#tx-code")];
    assert.equal(await page.getAttribute("#open", "href"), link);
    assert.ok(!link.includes(code));
    if (picture) await pictured(page, `offer${picture}`);
    // The wallet is told the wrong code first.
    await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
    await page.click("#start-offer");
    await sees(page, way, t.wallet);
    for (const [sent, right] of [[code === "000000" ? "000001" : "000000", false], [code, true]]) {
      await page.fill("#offer", link);
      await page.fill("#tx_code", sent);
      await page.click("#take-offer");
      await page.waitForURL("**/play/runs/*");
      if (!right) assert.match(await page.textContent("#problem"), /invalid_grant/);
    }
    await verified(page, 3);
    await sees(page, way, t.wallet);
    if (picture) await pictured(page, `play-wallet${picture}`, {});
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`a wallet asks by itself, and comes again: ${name}`, async () => {
    const { context, page } = await opened(browser, way);
    await page.goto(`${env.AUTHLETE_BASE_URL}/play`);
    await page.check("#consent");
    await page.click("#start-wallet");
    await page.fill("#login", "john");
    await page.fill("#password", "john");
    await page.click("#submit");
    assert.ok((await page.textContent("#consent")).includes(t.agree));
    await page.click("#allow");
    await page.waitForURL("**/play/runs/*");
    await verified(page, 3);
    for (let tries = 0; (await page.$("#come-again")) && tries < 10; tries += 1) {
      await page.waitForTimeout(1000);
      await page.click("#come-again");
      await page.waitForURL("**/play/runs/*");
    }
    await verified(page, 4);
    await sees(page, way, t.asks);
    await context.close();
  });
}

test("an offer is about something", async () => {
  const { context, page } = await opened(browser);
  await page.goto(`${env.DEMO_ISSUER}/offer`);
  await page.fill("#login", "jane");
  await page.fill("#password", "jane");
  await page.click("#submit");
  await page.uncheck("#kind-1");
  await page.click("#make #submit");
  assert.ok((await page.textContent("#problem")).includes(words.en.nothing));
  await context.close();
});
