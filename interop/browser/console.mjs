// What the tests of the console share: somebody who is signed in there, and the texts that they read.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { opened, phone, pictured, sound } from "./people.mjs";

/** The texts of a language, by name: `services.title`. */
async function texts(language) {
  const file = new URL(`../../crates/console/locales/${language}.toml`, import.meta.url);
  const said = {};
  let section = "";
  for (const line of (await readFile(file, "utf8")).split("\n")) {
    const [, name, value] = line.match(/^(\w+) = (".*")$/) ?? [];
    if (name) said[section + name] = JSON.parse(value);
    else section = line.match(/^\[(\w+)\]$/) ? `${line.slice(1, -1)}.` : section;
  }
  return said;
}

const words = { en: await texts("en"), ja: await texts("ja") };

/** A text with its gaps filled. */
export function says(language) {
  return (name, values = {}) => {
    const text = words[language][name];
    assert.ok(text, `no text ${name}`);
    return text.replace(/\{(\w+)\}/g, (gap, value) => values[value] ?? gap);
  };
}

/** WCAG 2.2 asks for it, and axe only if it is told to. */
export const rules = { "target-size": { enabled: true } };

/** The pages whose pictures are kept, with as much of them as a picture has: a row of buttons stays in sight in the middle of a whole page. */
const PICTURES = {
  home: "whole", service: "whole", profile: "whole", "client-made": "whole", audit: "whole", "settings-changed": "screen",
  "keys-retired": "screen", palette: "screen", conflict: "screen",
};
const ON_PHONES = ["service", "keys-retired"];

/** A call of the API by the owner of the organization. */
export function caller(env) {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${env.AUTHLETE_BASE_URL}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${env.AUTHLETE_ORG_TOKEN}`, "content-type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
}

/** A person at the console, with a browser of their own. */
export async function operator(browser, { env, said }, way = {}) {
  const { language = "en", picture = "", scripts = true } = way;
  const { context, page, problems } = await opened(browser, way);
  const console = `${env.AUTHLETE_BASE_URL}/console`;
  const t = says(language);
  const form = (action, wish) =>
    page.locator(wish ? `form[action$="${action}"]:has(input[name=do][value=${wish}])` : `form[action$="${action}"]`);
  return {
    context,
    page,
    problems,
    t,
    console,
    form,
    /** The link that the server has printed. */
    link: said.match(/http\S+\/console\/sign-in\?code=\S+/)[0],
    go: (path) => page.goto(!path || path.startsWith("/") ? `${console}${path}` : path),
    /** The page has this heading and nothing wrong; a picture of it is kept. */
    async sees(name, heading) {
      await sound(page, way, name, heading, rules);
      const isKept = picture && PICTURES[name] && (way.screen !== phone || ON_PHONES.includes(name));
      if (isKept) await pictured(page, `console-${name}${picture}`, { fullPage: PICTURES[name] === "whole" });
    },
    async signsIn(token = env.AUTHLETE_ORG_TOKEN) {
      await page.goto(`${console}/sign-in`);
      await page.fill("#token", token);
      await page.click("form:has(#token) button");
    },
    /** Fills the fields of a form in by their names, and sends it. */
    async sends(form, fields = {}) {
      for (const [name, value] of Object.entries(fields)) {
        const field = form.locator(`[name="${name}"]:visible`);
        const kind = await field.first().evaluate((one) => (one.tagName === "SELECT" ? "select" : one.type));
        if (kind === "select") await field.selectOption(value);
        else if (kind === "radio" || kind === "checkbox") await form.locator(`[name="${name}"][value="${value}"]`).check();
        else await field.fill(value);
      }
      await form.locator("button:not([type=button])").first().click();
      await page.waitForLoadState();
    },
    /** The page tells this, and the ways to do the same. */
    async isTold(text, { ways = [], open = false } = {}) {
      const told = page.locator("main > section.note[role=status]");
      assert.equal(await told.count(), 1, await page.textContent("main"));
      assert.ok((await told.textContent()).includes(text), `${text}: ${await told.textContent()}`);
      if (ways.length) await told.locator("summary").click();
      for (const way of ways) assert.ok((await told.locator("pre:visible").allTextContents()).join().includes(way), way);
      if (ways.length && !open) await told.locator("summary").click();
      return told;
    },
    /** Whatever was refused has a page of its own, and links that lead on. */
    async isRefused(name, problem, { links = "main .links a, .languages a" } = {}) {
      await this.sees(name, t(problem));
      const hrefs = await page.locator(links).evaluateAll((all) => all.map(({ href }) => href));
      assert.ok(hrefs.length);
      for (const href of hrefs) {
        const { pathname } = new URL(href);
        const status = (await page.request.get(`${env.AUTHLETE_BASE_URL}${pathname}`)).status();
        assert.equal(status, 200, `${name} leads to ${href}, which answers ${status}`);
      }
    },
  };
}
