// Starts a placet of one's own: `placet dev` in a fresh directory, on a free port.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const binary = process.env.PLACET_BINARY ?? join(root, "target", "debug", "placet");

/** Resolves when the server listens; `stop` ends it and removes its directory. */
export async function startPlacet() {
  const directory = await mkdtemp(join(tmpdir(), "placet-interop-"));
  const child = spawn(binary, ["dev", "--dir", directory, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`placet ended with ${code}`)));
  });
  const text = await readFile(join(directory, "env"), "utf8");
  const env = Object.fromEntries(text.trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
  child.removeAllListeners("exit");
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  return { env, stop };
}
