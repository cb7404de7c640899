// What tests of pages share: screens, languages, and what every page owes.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where the pictures of docs/ are made, if they are: PLACET_PICTURES=FOLDER. */
export const pictures = process.env.PLACET_PICTURES;
if (pictures) await mkdir(pictures, { recursive: true });

export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const desk = { viewport: { width: 1000, height: 800 } };

/** What a way to use pages is called in a report. */
export function called({ language, scripts, screen }) {
  return `${language}, ${scripts ? "with" : "without"} scripts, ${screen === phone ? "phone" : "desk"}`;
}

/** A browser of one's own, and what went wrong in its pages. */
export async function opened(browser, { language = "en", scripts = true, screen = desk, ...more } = {}) {
  const context = await browser.newContext({ ...screen, locale: language, javaScriptEnabled: scripts, ...more });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  return { context, page, problems };
}

/** Nothing that axe knows is wrong with the page. */
export async function flawless(page, name, rules = {}) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => globalThis.axe.run({ rules }), rules);
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], name);
}

/** Nobody has to scroll sideways. */
export async function fits(page, name) {
  // By the size of the screen: a phone shrinks what is too wide, and calls that the width of its window.
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= page.viewportSize().width, `${name} is ${width} wide`);
}

/** The page has this heading in this language, and nothing wrong in its structure. */
export async function sound(page, { language = "en", scripts = true }, name, heading, rules) {
  assert.equal((await page.textContent("h1")).trim(), heading, await page.textContent("main"));
  assert.equal(await page.getAttribute("html", "lang"), language);
  if (scripts) await flawless(page, name, rules);
  await fits(page, name);
}

/** Keeps a picture of the page, where pictures are kept. */
export async function pictured(page, name, options = { fullPage: true }) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), ...options });
}
