// A published wallet takes offers of the authorization server, by both grants, to credentials in each format. What it got
// is written to the file CREDENTIALS, for the verifiers.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { after, before, test } from "node:test";
import { clientAuthenticationNone } from "@openid4vc/oauth2";
import { AuthorizationFlow, Openid4vciClient, Openid4vciVersion } from "@openid4vc/openid4vci";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { Agent, fetch } from "undici";
import { startPlacet } from "../placet.mjs";
import { Person } from "../relying-party/person.mjs";

let placet, dispatcher, issuer, wallet, holder;
const got = { credentials: {} };

before(async () => {
  placet = await startPlacet({ tls: true });
  issuer = placet.env.DEMO_ISSUER;
  const ca = await readFile(join(placet.directory, "tls", "ca.pem"));
  dispatcher = new Agent({ connect: { ca } });
  holder = await newKey();
  wallet = new Openid4vciClient({ callbacks: callbacks() });
  got.root = await readFile(join(placet.directory, "credentials", "root.pem"), "utf8");
  got.issuer = issuer;
  got.holder = holder.own;
});

after(async () => {
  await dispatcher.close();
  await placet.stop();
  if (process.env.CREDENTIALS) await writeFile(process.env.CREDENTIALS, JSON.stringify(got));
});

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey), own: await exportJWK(privateKey) };
}

/** What the wallet leaves to whoever uses it: HTTP, hashes, keys. */
function callbacks() {
  const refused = async () => {
    throw new Error("nothing here is encrypted");
  };
  return {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (count) => randomBytes(count),
    clientAuthentication: clientAuthenticationNone({ clientId: placet.env.DEMO_PUBLIC_CLIENT_ID }),
    signJwt: async (signer, { header, payload }) => ({
      jwt: await new SignJWT(payload).setProtectedHeader({ ...header, alg: signer.alg }).sign(holder.privateKey),
      signerJwk: holder.jwk,
    }),
    verifyJwt: async () => ({ verified: true, signerJwk: holder.jwk }),
    decryptJwe: refused,
    encryptJwe: refused,
  };
}

/** Somebody signs in and makes an offer on the page. */
async function offered(kinds, way) {
  const person = new Person({ dispatcher });
  await person.answer(`${issuer}/apps`);
  const page = await (await person.visit(`${issuer}/offer`)).text();
  const csrf = /name="csrf" value="([^"]*)"/.exec(page)[1];
  const form = [["csrf", csrf], ["way", way], ...kinds.map((kind) => ["kind", kind])];
  assert.equal((await person.visit(`${issuer}/offer`, form)).status, 303);
  const made = await (await person.visit(`${issuer}/offer`)).text();
  const text = (id) => new RegExp(`id="${id}">([^<]*)<`).exec(made)?.[1].replaceAll("&#x2f;", "/").replaceAll("&amp;", "&");
  const credentialOffer = await wallet.resolveCredentialOffer(text("link"));
  const issuerMetadata = await wallet.resolveIssuerMetadata(credentialOffer.credential_issuer);
  return { credentialOffer, issuerMetadata, txCode: text("tx-code"), person };
}

const signer = () => ({ method: "jwk", alg: "ES256", publicJwk: holder.jwk });

async function credential(offer, accessToken, credentialConfigurationId, dpop) {
  const { issuerMetadata } = offer;
  const { c_nonce: nonce } = await wallet.requestNonce({ issuerMetadata });
  const proof = await wallet.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId, nonce, signer: signer(),
  });
  const { credentialResponse } = await wallet.retrieveCredentials({
    issuerMetadata, accessToken, credentialConfigurationId, proofs: { jwt: [proof.jwt] }, dpop,
  });
  return credentialResponse;
}

test("an offer with a transaction code becomes a credential in each format", async () => {
  const kinds = ["identity", "mdl", "membership"];
  const offer = await offered(kinds, "code");
  assert.equal(offer.issuerMetadata.originalDraftVersion, Openid4vciVersion.V1);
  assert.match(offer.txCode, /^\d{6}$/);
  const { accessTokenResponse } = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer(offer);
  for (const kind of kinds) {
    const { credentials } = await credential(offer, accessTokenResponse.access_token, kind);
    assert.equal(credentials.length, 1, kind);
    got.credentials[kind] = credentials[0].credential;
  }
});

test("the wrong transaction code is refused", async () => {
  const offer = await offered(["identity"], "code");
  const txCode = offer.txCode === "000000" ? "000001" : "000000";
  await assert.rejects(wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({ ...offer, txCode }), (e) => {
    assert.equal(e.errorResponse.error, "invalid_grant");
    return true;
  });
});

test("a credential that comes later is there when the wallet comes again", async () => {
  const offer = await offered(["diploma"], "plain");
  assert.equal(offer.txCode, undefined);
  const { accessTokenResponse } = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer(offer);
  const accessToken = accessTokenResponse.access_token;
  let answer = await credential(offer, accessToken, "diploma");
  const transactionId = answer.transaction_id;
  assert.ok(transactionId && answer.interval > 0, JSON.stringify(answer));
  for (let tries = 0; !answer.credentials && tries < 5; tries += 1) {
    await setTimeout(answer.interval * 1000);
    const { issuerMetadata } = offer;
    const later = await wallet.retrieveDeferredCredentials({ issuerMetadata, accessToken, transactionId });
    answer = later.deferredCredentialResponse;
  }
  got.credentials.diploma = answer.credentials[0].credential;
});

test("an offer to sign in becomes a credential, with a token that is bound to a key", async () => {
  const offer = await offered(["identity"], "authorization");
  const redirectUri = placet.env.DEMO_REDIRECT_URI;
  const asked = await wallet.initiateAuthorization({
    ...offer, redirectUri, scope: "identity", clientId: placet.env.DEMO_PUBLIC_CLIENT_ID,
  });
  assert.equal(asked.authorizationFlow, AuthorizationFlow.Oauth2Redirect);
  const { url } = await offer.person.answer(asked.authorizationRequestUrl, redirectUri);
  const authorizationCode = new URL(url).searchParams.get("code");
  assert.ok(authorizationCode, url);
  const { accessTokenResponse, dpop } = await wallet.retrieveAuthorizationCodeAccessTokenFromOffer({
    ...offer, authorizationCode, redirectUri, pkceCodeVerifier: asked.pkce.codeVerifier, dpop: { signer: signer() },
  });
  assert.equal(accessTokenResponse.token_type, "DPoP");
  const { credentials } = await credential(offer, accessTokenResponse.access_token, "identity", dpop);
  got.credentials.signed_in = credentials[0].credential;
});

test("a status list says of a credential that was revoked", async () => {
  const payload = JSON.parse(Buffer.from(got.credentials.diploma.split(".")[1], "base64url"));
  const { uri } = payload.status.status_list;
  const read = async () => (await fetch(uri, { dispatcher })).text();
  got.statuses = { uri, before: await read() };
  const { env } = placet;
  const headers = { authorization: `Bearer ${env.AUTHLETE_ORG_TOKEN}`, "content-type": "application/json" };
  const body = JSON.stringify({ credential: got.credentials.diploma, status: "INVALID" });
  const update = `${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/vci/status/update`;
  const answer = await (await fetch(update, { method: "POST", headers, body })).json();
  assert.equal(answer.count, 1, JSON.stringify(answer));
  got.statuses.after = await read();
});

test("what verifiers find the keys by", async () => {
  const at = new URL(issuer);
  const read = async (url) => (await fetch(url, { dispatcher })).json();
  got.jwtIssuer = await read(`${at.origin}/.well-known/jwt-vc-issuer${at.pathname}`);
  got.keys = await read(`${issuer}/credential_jwks`);
  assert.equal(got.jwtIssuer.issuer, issuer);
  assert.equal(got.keys.keys[0].d, undefined);
});
