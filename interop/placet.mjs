// Starts a placet of one's own: `placet dev` in a fresh directory, on a free port.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const binary = process.env.PLACET_BINARY ?? join(root, "target", "debug", "placet");

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the server listens; `stop` ends it and removes its directory. */
export async function startPlacet({ tls = false, version2 = false, host = "127.0.0.1" } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "placet-interop-"));
  const options = ["dev", "--dir", directory, "--listen", `${host}:0`];
  if (version2) options.push("--version2");
  if (tls) {
    const [plain, mutual] = [await freePort(), await freePort()];
    options.push("--tls", "--tls-listen", `127.0.0.1:${plain}`, "--mtls-listen", `127.0.0.1:${mutual}`);
  }
  const child = spawn(binary, options, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => String(text).includes("Ctrl-C") && resolve());
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
  return { env, directory, stop };
}
