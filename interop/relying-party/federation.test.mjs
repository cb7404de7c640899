// OpenID Federation 1.0: an independent implementation (@openid-federation/core) resolves a chain of two hops through authorities of
// `placet federation`, and a relying party whose statements it makes registers, automatically and explicitly.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createEntityConfiguration, resolveTrustChains } from "@openid-federation/core";
import { CompactSign, SignJWT, compactVerify, exportJWK, generateKeyPair, importJWK } from "jose";
import { Agent, fetch as undici } from "undici";
import { freePort, placet, startPlacet } from "../placet.mjs";

const RP = "https://rp.example";
const ISSUER = "https://as.example";
const REDIRECT = `${RP}/cb`;
/** One that registers explicitly; an entity does so once, and in one way. */
const EXPLICIT = "https://explicit.example";
const ended = [];
const published = new Map();
const authorities = [];
let anchor, intermediate, rp, server, dispatcher;

/** A running authority with this file: its entity identifier, its keys, and where the certificate of its authority is. */
async function authority(port, file, ...more) {
  const directory = await mkdtemp(join(tmpdir(), "placet-federation-"));
  const path = join(directory, "federation.toml");
  await writeFile(path, file);
  const options = ["federation", "--tls", "--listen", `127.0.0.1:${port}`, "--dir", directory, "--file", path, ...more];
  const child = spawn(placet, options, { stdio: ["ignore", "pipe", "inherit"] });
  ended.push(async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
    await rm(directory, { recursive: true, force: true });
  });
  let said = "";
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => (said += text).includes("Ctrl-C") && resolve());
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  const line = (name) => said.match(new RegExp(`^${name}\\s+(.*)$`, "m"))[1];
  const made = { id: line("Entity"), jwks: JSON.parse(line("Keys")), ca: join(directory, "tls", "ca.pem") };
  authorities.push(made);
  return made;
}

/** A flat key as an inline table. */
const toml = (jwk) => `{ ${Object.entries(jwk).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ")} }`;

const subordinate = (id, jwks) => `[[subordinates]]\nentity_id = "${id}"\njwks = { keys = [${jwks.keys.map(toml).join(", ")}] }\n`;

const verifyJwtCallback = async ({ jwt, jwk }) =>
  compactVerify(jwt, await importJWK(jwk, jwk.alg ?? "ES256")).then(() => true, () => false);

const now = () => Math.floor(Date.now() / 1000);

/** What a relying party says of itself, as the package makes it. */
function configuration(id = RP, more = {}) {
  const claims = {
    iss: id, sub: id, iat: now(), exp: now() + 600, jwks: rp.jwks, authority_hints: [intermediate.id],
    metadata: { openid_relying_party: {
      redirect_uris: [REDIRECT], client_name: "As it says", token_endpoint_auth_method: "private_key_jwt",
      client_registration_types: ["automatic", "explicit"], response_types: ["code"], jwks: rp.jwks,
    } },
    ...more,
  };
  // The package hands over what is to be signed, header and payload, and wants the bare signature.
  const signJwtCallback = async ({ toBeSigned }) => {
    const [, payload] = Buffer.from(toBeSigned).toString().split(".");
    const header = { alg: "ES256", kid: "rp", typ: "entity-statement+jwt" };
    const whole = await new CompactSign(Buffer.from(payload, "base64url")).setProtectedHeader(header).sign(rp.key);
    assert.ok(whole.startsWith(Buffer.from(toBeSigned).toString()), "jose writes the header as the package does");
    return new Uint8Array(Buffer.from(whole.split(".")[2], "base64url"));
  };
  return createEntityConfiguration({ header: { alg: "ES256", kid: "rp", typ: "entity-statement+jwt" }, claims, signJwtCallback });
}

async function call(path, body, method = "POST", token = server.env.AUTHLETE_API_TOKEN) {
  const url = `${server.env.AUTHLETE_BASE_URL}/api/${server.env.AUTHLETE_SERVICE_ID}/${path}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await undici(url, { method, headers, body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

/** The service below the anchor, with nobody registered in it. */
async function begins(...types) {
  const keys = async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    return JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid: "k", alg: "ES256", use: "sig" }] });
  };
  const service = {
    issuer: ISSUER, federationEnabled: true, federationJwks: await keys(), jwks: await keys(), authorityHints: [anchor.id],
    trustAnchors: [{ entityId: anchor.id, jwks: JSON.stringify(anchor.jwks) }], supportedClientRegistrationTypes: types,
    federationRegistrationEndpoint: `${ISSUER}/federation_registration`, supportedTokenAuthMethods: ["PRIVATE_KEY_JWT"],
    // Where a URL may be that of a metadata document, the entity's own word is fetched, and nobody serves this one.
    clientIdMetadataDocumentSupported: false,
  };
  await call("service/update", service, "PATCH", server.env.AUTHLETE_ORG_TOKEN);
}

before(async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "rp", alg: "ES256", use: "sig" };
  rp = { key: privateKey, jwks: { keys: [jwk] } };
  const port = await freePort();
  const policy = `[subordinates.metadata_policy.openid_relying_party]\nclient_name = { value = "By the intermediate" }\n`;
  intermediate = await authority(
    await freePort(), `authority_hints = ["https://localhost:${port}"]\n${[RP, EXPLICIT].map((id) => subordinate(id, rp.jwks) + policy).join("")}`);
  anchor = await authority(port, subordinate(intermediate.id, intermediate.jwks), "--trust", intermediate.ca);
  const ca = await Promise.all(authorities.map((one) => readFile(one.ca, "utf8")));
  dispatcher = new Agent({ connect: { ca } });
  // The package fetches by what is global; nobody serves the relying party but this.
  const known = (url) => published.get(String(url).replace(/\?$/, ""));
  globalThis.fetch = async (url, options) => known(url)?.() ?? undici(url, { ...options, dispatcher });
  published.set(`${RP}/.well-known/openid-federation`, own);
  server = await startPlacet({ trust: authorities.map((one) => one.ca) });
  ended.push(server.stop);
});

const own = async () =>
  new Response(await configuration(), { headers: { "content-type": "application/entity-statement+jwt" } });

after(async () => {
  for (const end of ended.reverse()) await end();
  await dispatcher?.close();
});

test("a chain of two hops is resolved, with the policy of the intermediate", async () => {
  const chains = await resolveTrustChains({ entityId: RP, trustAnchorEntityIds: [anchor.id], verifyJwtCallback });
  assert.equal(chains.length, 1);
  const [{ chain, trustAnchorEntityConfiguration, resolvedLeafMetadata }] = chains;
  assert.equal(trustAnchorEntityConfiguration.sub, anchor.id);
  const hops = [[intermediate.id, RP], [anchor.id, intermediate.id], [anchor.id, anchor.id]];
  assert.deepEqual(chain.map((one) => [one.iss, one.sub]), hops);
  assert.equal(resolvedLeafMetadata.openid_relying_party.client_name, "By the intermediate");
  const stranger = { entityId: RP, trustAnchorEntityIds: ["https://other.example"], verifyJwtCallback };
  assert.equal((await resolveTrustChains(stranger).catch(() => [])).length, 0);
});

test("a relying party comes with a request object, and is registered automatically", async () => {
  await begins("AUTOMATIC");
  const text = async (url) => (await fetch(url)).text();
  const about = (superior, sub) => text(`${superior.id}/fetch?sub=${encodeURIComponent(sub)}`);
  const trust_chain = [await configuration(), await about(intermediate, RP), await about(anchor, intermediate.id)];
  const asked = { client_id: RP, response_type: "code", redirect_uri: REDIRECT, trust_chain };
  const request = (key) => new SignJWT({ ...asked, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: "ES256", kid: "rp", typ: "oauth-authz-req+jwt" })
    .setIssuer(RP).setAudience(ISSUER).setIssuedAt().setExpirationTime("5m").sign(key);
  const send = (object) => call("auth/authorization", {
    parameters: new URLSearchParams({ client_id: RP, response_type: "code", redirect_uri: REDIRECT, request: object }).toString(),
  });
  const foreign = await generateKeyPair("ES256");
  assert.equal((await send(await request(foreign.privateKey))).action, "BAD_REQUEST");
  const object = await request(rp.key);
  const answer = await send(object);
  assert.equal(answer.action, "INTERACTION", answer.resultMessage);
  assert.equal(answer.client.clientSource, "AUTOMATIC_REGISTRATION");
  assert.equal(answer.client.clientName, "By the intermediate");
  assert.notEqual((await send(object)).action, "INTERACTION", "a request object is used once");
});

test("a relying party registers explicitly", async () => {
  await begins("EXPLICIT");
  const foreign = await call("federation/registration", { entityConfiguration: await configuration(EXPLICIT, { aud: "https://other.example" }) });
  assert.equal(foreign.action, "BAD_REQUEST", foreign.resultMessage);
  const answer = await call("federation/registration", { entityConfiguration: await configuration(EXPLICIT, { aud: ISSUER }) });
  assert.equal(answer.action, "OK", answer.resultMessage);
  assert.equal(answer.client.clientName, "By the intermediate");
  assert.equal(answer.client.trustAnchorId, anchor.id);
  const claims = JSON.parse(Buffer.from(answer.responseContent.split(".")[1], "base64url"));
  assert.deepEqual([claims.iss, claims.aud, claims.trust_anchor], [ISSUER, EXPLICIT, anchor.id]);
});
