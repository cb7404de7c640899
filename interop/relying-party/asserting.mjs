// The authorization server as a program of its own, in front of a placet, with an identity provider whose JWTs it takes
// as grants (RFC 7523 §2.1): `placet dev` trusts none.
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { SignJWT, exportJWK, generateKeyPair, importJWK } from "jose";
import { freePort, startAuthserver } from "../placet.mjs";
import { placet } from "./targets.mjs";

const NAME = "https://idp.example";
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** An identity provider: a key, and an address where its public half is. */
async function provider() {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const named = { kid: "idp", alg: "ES256", use: "sig" };
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...named }] });
  const server = createServer((request, response) => response.end(keys)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    issuer: NAME,
    origin: `http://127.0.0.1:${server.address().port}`,
    jwk: { ...(await exportJWK(privateKey)), ...named },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const configuration = ({ env, directory }, issuer, { origin }) => `
listen = "127.0.0.1:${new URL(issuer).port}"
issuer = "${issuer}"
[api]
url = "${env.AUTHLETE_BASE_URL}"
service = ${env.AUTHLETE_SERVICE_ID}
token = "${env.AUTHLETE_API_TOKEN}"
[users]
demo = true
[tls]
local_ca = "${join(directory, "tls")}"
[outgoing]
allowed_origins = ["${origin}"]
[[assertion_issuer]]
issuer = "${NAME}"
jwks_uri = "${origin}/jwks"
`;

/** A placet as `placet` starts it, whose service and client have moved to another authorization server. */
export async function asserting() {
  const [before, identityProvider] = [await placet(), await provider()];
  const issuer = `https://localhost:${await freePort()}`;
  const service = JSON.stringify(await before.api("service/get")).replaceAll(before.issuer, issuer);
  const supportedGrantTypes = [...JSON.parse(service).supportedGrantTypes, "JWT_BEARER"];
  await before.api("service/update", { ...JSON.parse(service), supportedGrantTypes });
  const client = await before.api(`client/get/${before.client.id}`);
  client.grantTypes.push("JWT_BEARER");
  await before.api(`client/update/${before.client.id}`, client);
  const config = join(before.directory, "authserver.toml");
  await writeFile(config, configuration(before, issuer, identityProvider));
  let end;
  const stop = async () => {
    identityProvider.close();
    await end?.();
    await before.stop();
  };
  end = await startAuthserver(config).catch(async (problem) => {
    await stop();
    throw problem;
  });
  return { ...before, name: "placet-authserver", issuer, identityProvider, stop };
}

/** What the identity provider says of a user, for the authorization server alone. */
export async function assertion({ issuer, identityProvider: { jwk } }, subject, changes = {}) {
  const claims = { iss: NAME, aud: issuer, jti: crypto.randomUUID(), ...changes };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: jwk.kid })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(await importJWK(jwk, "ES256"));
}
