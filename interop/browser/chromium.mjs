// The Chromium of the machine: nothing is downloaded.
import { access } from "node:fs/promises";
import { chromium } from "playwright-core";

async function chromiumPath() {
  for (const path of ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]) {
    if (await access(path).then(() => true, () => false)) return path;
  }
  throw new Error("no Chromium: install Debian's package `chromium`");
}

export async function openBrowser() {
  return chromium.launch({ executablePath: await chromiumPath(), args: ["--no-sandbox"] });
}
