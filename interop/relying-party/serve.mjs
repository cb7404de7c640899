// For drivers in other languages: starts a target, says in one line of JSON where it is, and ends with its input.
// `person` answers POST {"url": …, "client": …}: it signs in and agrees, and tells where the browser came out; without
// a client, at the page that asks for nothing more.
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Person } from "./person.mjs";
import { asserting } from "./asserting.mjs";
import { calibration, placet } from "./targets.mjs";

const server = await { asserting, calibration, placet }[process.argv[2]]();
const folder = await mkdtemp(join(tmpdir(), "placet-driver-"));
const ca = join(folder, "ca.pem");
await writeFile(ca, server.ca);

const people = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { url, client } = JSON.parse(body);
  const person = new Person({ dispatcher: server.dispatcher });
  try {
    response.end(JSON.stringify(await person.answer(url, client)));
  } catch (e) {
    response.statusCode = 500;
    response.end(String(e));
  }
}).listen(0, "127.0.0.1");
await new Promise((resolve) => people.once("listening", resolve));

const person = `http://127.0.0.1:${people.address().port}/`;
const { name, issuer, client, resource, identityProvider } = server;
process.stdout.write(`${JSON.stringify({ name, issuer, ca, person, client, resource, identityProvider })}\n`);
process.stdin.resume();
process.stdin.once("end", async () => {
  people.closeAllConnections();
  people.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});
