// Starts a placet of one's own: `placet dev` in a fresh directory, on a free port.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const binary = process.env.PLACET_BINARY ?? join(root, "target", "debug", "placet");
const authserver = process.env.PLACET_AUTHSERVER_BINARY ?? join(root, "target", "debug", "placet-authserver");

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program, and resolves once it has said on that stream that it is ready: with what it said, and what ends it. */
async function launch(program, options, stream, ready) {
  const pipes = { stdin: "ignore", stdout: "ignore", stderr: "inherit", [stream]: "pipe" };
  const child = spawn(program, options, { stdio: Object.values(pipes) });
  let said = "";
  await new Promise((resolve, reject) => {
    child[stream].on("data", (text) => (said += text).includes(ready) && resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
  });
  child.removeAllListeners("exit");
  const end = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return { said, end };
}

/** Starts the authorization server as a program of its own; `stop` ends it. */
export const startAuthserver = async (config) => (await launch(authserver, ["--config", config], "stderr", "listening")).end;

/** The program, for those who call its commands. */
export const placet = binary;

/** Resolves when the server listens, with what it said; `stop` ends it and removes its directory. */
export async function startPlacet({ tls = false, version2 = false, host = "127.0.0.1", trust = [], origins = [] } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "placet-interop-"));
  const options = ["dev", "--dir", directory, "--listen", `${host}:0`];
  if (version2) options.push("--version2");
  for (const file of trust) options.push("--trust", file);
  for (const origin of origins) options.push("--allow-origin", origin);
  if (tls) {
    const [plain, mutual] = [await freePort(), await freePort()];
    options.push("--tls", "--tls-listen", `127.0.0.1:${plain}`, "--mtls-listen", `127.0.0.1:${mutual}`);
  }
  const { said, end } = await launch(binary, options, "stdout", "Ctrl-C");
  const text = await readFile(join(directory, "env"), "utf8");
  const env = Object.fromEntries(text.trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const stop = async () => {
    await end();
    await rm(directory, { recursive: true, force: true });
  };
  return { env, directory, said, stop };
}
