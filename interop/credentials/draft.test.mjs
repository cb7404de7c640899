// Another published wallet, of the drafts before OpenID4VCI 1.0: what a service issues by them is what it expects.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import client from "@sphereon/oid4vci-client";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { startPlacet } from "../placet.mjs";
import { Person } from "../relying-party/person.mjs";

let placet, issuer, key;

before(async () => {
  placet = await startPlacet();
  issuer = placet.env.DEMO_ISSUER;
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  key = { privateKey, jwk: await exportJWK(publicKey) };
  await draft();
});

after(() => placet?.stop());

async function api(method, path, body) {
  const { env } = placet;
  const headers = { authorization: `Bearer ${env.AUTHLETE_ORG_TOKEN}`, "content-type": "application/json" };
  const url = `${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/${path}`;
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${text}`);
  return JSON.parse(text);
}

/** The service issues by the draft from here on, where SD-JWT VCs have their former name. */
async function draft() {
  const { credentialIssuerMetadata: known } = await api("GET", "service/get");
  const all = JSON.parse(known.credentialsSupported);
  for (const kind of ["identity", "diploma"]) all[kind].format = "vc+sd-jwt";
  await api("PATCH", "service/update", {
    oid4vciVersion: "1.0-ID1", credentialIssuerMetadata: { ...known, credentialsSupported: JSON.stringify(all) },
  });
}

async function offered(kind, txCode, signsIn = false) {
  const way = signsIn
    ? { authorizationCodeGrantIncluded: true, issuerStateIncluded: true }
    : { preAuthorizedCodeGrantIncluded: true, subject: "john" };
  const code = txCode && { txCode, txCodeInputMode: "numeric" };
  const made = await api("POST", "vci/offer/create", { credentialConfigurationIds: [kind], ...way, ...code });
  const uri = `${issuer}/offers/${made.info.identifier}`;
  return client.OpenID4VCIClient.fromURI({
    uri: `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(uri)}`,
    clientId: placet.env.DEMO_PUBLIC_CLIENT_ID, kid: "key", alg: "ES256", retrieveServerMetadata: true,
    authorizationRequest: { redirectUri: placet.env.DEMO_REDIRECT_URI },
  });
}

const signCallback = async ({ header, payload }) => {
  const { kid: _, ...rest } = header;
  return new SignJWT(payload).setProtectedHeader({ ...rest, alg: "ES256", jwk: key.jwk }).sign(key.privateKey);
};

/** What the wallet gets of an offer, once it has a token. */
const credential = (wallet, format, credentialTypes, more) =>
  wallet.acquireCredentials({ credentialTypes, format, proofCallbacks: { signCallback }, jwk: key.jwk, alg: "ES256", ...more });

const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

test("an offer with a transaction code becomes an SD-JWT VC", async () => {
  const wallet = await offered("identity", "493536");
  await assert.rejects(wallet.acquireAccessToken({ pin: "493537" }), /status: 400/);
  await wallet.acquireAccessToken({ pin: "493536" });
  const answer = await credential(wallet, "vc+sd-jwt", "urn:placet:demo:identity");
  const { vct, cnf } = claims(answer.credential);
  assert.equal(vct, "urn:placet:demo:identity");
  assert.equal(cnf.jwk.x, key.jwk.x);
  assert.ok(answer.c_nonce);
});

test("an offer becomes a credential within a JWT", async () => {
  const wallet = await offered("membership");
  await wallet.acquireAccessToken();
  const { credential: jwt } = await credential(wallet, "jwt_vc_json", ["VerifiableCredential", "MembershipCredential"]);
  assert.ok(claims(jwt).vc.type.includes("MembershipCredential"));
});

test("a credential that comes later is waited for", async () => {
  const wallet = await offered("diploma");
  await wallet.acquireAccessToken();
  const later = { deferredCredentialAwait: true, deferredCredentialIntervalInMS: 1000 };
  const answer = await credential(wallet, "vc+sd-jwt", "urn:placet:demo:diploma", later);
  assert.equal(claims(answer.credential).vct, "urn:placet:demo:diploma");
});

test("an offer to sign in becomes a token", async () => {
  const wallet = await offered("identity", undefined, true);
  const redirectUri = placet.env.DEMO_REDIRECT_URI;
  const { url } = await new Person().answer(wallet.authorizationURL, redirectUri);
  const answer = await wallet.acquireAccessToken({ code: new URL(url).searchParams.get("code"), redirectUri });
  assert.deepEqual(answer.authorization_details[0].credential_identifiers, ["identity"]);
  // Draft 13 §7.2: what has an identifier is asked for by it. 0.16.0 of the wallet does not.
  await assert.rejects(credential(wallet, "vc+sd-jwt", "urn:placet:demo:identity"), /status: 400/);
});
