// A person at a browser without JavaScript: follows redirects, keeps cookies, fills in forms.
import { fetch } from "undici";

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x2f": "/", "#x27": "'", "#x3D": "=" };
const plain = (text) => text.replace(/&([#\w]+);/g, (all, name) => entities[name] ?? all);
const attribute = (tag, name) => plain(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

/** The forms of a page: where they go, and what they send when nothing is changed. */
function forms(html) {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => {
    const head = /<form\b[^>]*>/.exec(form)[0];
    const id = attribute(head, "id");
    // Buttons may stand outside, and name their form.
    const outside = [...html.replace(form, "").matchAll(/<button\b[^>]*>/g)].filter(
      ([tag]) => id && attribute(tag, "form") === id,
    );
    const inside = [...form.matchAll(/<(?:input|button)\b[^>]*>/g)];
    const fields = [...inside, ...outside].map(([tag]) => ({
      name: attribute(tag, "name"),
      value: attribute(tag, "value"),
      type: tag.startsWith("<button") ? "submit" : attribute(tag, "type") || "text",
      checked: /\bchecked\b/.test(tag),
      disabled: /\bdisabled\b/.test(tag),
    }));
    return { action: attribute(head, "action"), method: attribute(head, "method") || "get", fields };
  });
}

export class Person {
  #jar = new Map();
  #dispatcher;
  #login;

  constructor({ dispatcher, login = { login: "john", password: "john" } } = {}) {
    this.#dispatcher = dispatcher;
    this.#login = login;
  }

  /** What the server answers, redirects not followed. */
  async visit(url, form) {
    const origin = new URL(url).origin;
    const cookies = [...(this.#jar.get(origin) ?? new Map())].map(([name, value]) => `${name}=${value}`);
    const response = await fetch(url, {
      method: form ? "POST" : "GET",
      body: form && new URLSearchParams(form),
      headers: { cookie: cookies.join("; "), ...(form && { origin }) },
      redirect: "manual",
      dispatcher: this.#dispatcher,
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split(/=(.*)/s);
      if (!this.#jar.has(origin)) this.#jar.set(origin, new Map());
      this.#jar.get(origin).set(name, value);
    }
    return response;
  }

  /**
   * Signs in and agrees, until the client is reached: the URL there, or the form that is posted to it. Without a client,
   * until there is nothing more to do: the last page.
   */
  async answer(url, client) {
    const reached = (place) => client !== undefined && place.startsWith(client);
    let response = await this.visit(url);
    for (let pages = 0; pages < 20; pages += 1) {
      const location = response.headers.get("location");
      if (location) {
        url = new URL(location, url).href;
        if (reached(url)) return { url };
        response = await this.visit(url);
        continue;
      }
      const html = await response.text();
      const form = forms(html)[0];
      if (!form && client === undefined) return { url, html };
      if (!form) throw new Error(`${response.status} at ${url}:\n${html}`);
      const action = new URL(form.action, url).href;
      const filled = this.#filled(form);
      if (reached(action)) return { url: action, form: filled };
      url = action;
      response = await this.visit(url, filled);
    }
    throw new Error("the pages do not end");
  }

  #filled({ fields }) {
    const button = fields.find(({ type, name }) => type === "submit" && name);
    const sent = fields.filter(({ name, type, checked, disabled }) => {
      if (!name || disabled || type === "submit") return false;
      return type !== "checkbox" || checked;
    });
    const pairs = sent.map(({ name, value }) => [name, this.#login[name] ?? value]);
    return button ? [...pairs, [button.name, button.value]] : pairs;
  }
}
