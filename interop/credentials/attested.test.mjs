// A published wallet that its provider attests, and its keys, to an issuer that wants both: client attestation
// (OpenID4VCI 1.0, appendix E) and key attestations (appendix D), as long as a status list says that they count.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { after, before, test } from "node:test";
import { clientAuthenticationClientAttestationJwt } from "@openid4vc/oauth2";
import { Openid4vciClient, Openid4vciWalletProvider } from "@openid4vc/openid4vci";
import { SignJWT, exportJWK, generateKeyPair, importPKCS8 } from "jose";
import { Agent, fetch } from "undici";
import { startPlacet } from "../placet.mjs";

let placet, dispatcher, issuer, provider, instance, client, folder, lists, list;
let isRevoked = false;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "placet-attested-"));
  provider = await authority();
  instance = await newKey();
  lists = createServer(async (_, response) => response.end(await statusList()));
  await new Promise((resolve) => lists.listen(0, "127.0.0.1", resolve));
  list = `http://127.0.0.1:${lists.address().port}/wallets`;
  placet = await startPlacet({ tls: true, origins: [new URL(list).origin] });
  issuer = placet.env.DEMO_ISSUER;
  dispatcher = new Agent({ connect: { ca: await readFile(join(placet.directory, "tls", "ca.pem")) } });
  await demand();
});

after(async () => {
  await dispatcher?.close();
  await placet?.stop();
  lists?.close();
  await rm(folder, { recursive: true });
});

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

/** The provider of the wallet: a key with a certificate, and the authority that vouches for it. */
async function authority() {
  const at = (name) => join(folder, name);
  const run = (...rest) => execFileSync("openssl", rest, { stdio: ["ignore", "pipe", "ignore"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await writeFile(at("leaf.cnf"), "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:wallets.example\n");
  run("req", "-x509", ...key, "-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=Wallets",
    "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign");
  run("req", ...key, "-keyout", at("provider.key"), "-out", at("provider.csr"), "-subj", "/CN=Provider");
  run("x509", "-req", "-in", at("provider.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
    "-out", at("provider.pem"), "-days", "2", "-extfile", at("leaf.cnf"));
  const der = run("x509", "-in", at("provider.pem"), "-outform", "DER").toString("base64");
  const privateKey = await importPKCS8(await readFile(at("provider.key"), "utf8"), "ES256");
  return { privateKey, x5c: [der], root: await readFile(at("ca.pem"), "utf8") };
}

/** Token Status List: entry 7 is what counts, or does not. */
async function statusList() {
  const lst = deflateSync(Buffer.from([isRevoked ? 0x80 : 0])).toString("base64url");
  return new SignJWT({ status_list: { bits: 1, lst }, ttl: 1 })
    .setProtectedHeader({ alg: "ES256", typ: "statuslist+jwt", x5c: provider.x5c })
    .setSubject(list).setIssuedAt().sign(provider.privateKey);
}

const status = () => ({ status_list: { idx: 7, uri: list } });

async function api(method, path, body) {
  const { env } = placet;
  const headers = { authorization: `Bearer ${env.AUTHLETE_ORG_TOKEN}`, "content-type": "application/json" };
  const url = `${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/${path}`;
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${text}`);
  return JSON.parse(text);
}

/** The service wants attested wallets and attested keys from here on. */
async function demand() {
  const { credentialIssuerMetadata: known, supportedTokenAuthMethods: methods } = await api("GET", "service/get");
  const all = JSON.parse(known.credentialsSupported);
  all.identity.proof_types_supported.jwt.key_attestations_required = { key_storage: ["iso_18045_high"] };
  await api("PATCH", "service/update", {
    clientAttesterRootsEnabled: true, clientAttesterRootsOnly: true, clientAttesterRoots: [provider.root],
    keyAttesterRootsEnabled: true, keyAttesterRootsOnly: true, keyAttesterRoots: [provider.root],
    supportedTokenAuthMethods: [...methods, "ATTEST_JWT_CLIENT_AUTH"],
    credentialIssuerMetadata: { ...known, credentialsSupported: JSON.stringify(all) },
  });
  client = await api("POST", "client/create", {
    clientName: "Attested wallet", clientType: "CONFIDENTIAL", tokenAuthMethod: "ATTEST_JWT_CLIENT_AUTH",
    grantTypes: ["PRE_AUTHORIZED_CODE"], authorizationDetailsTypes: ["openid_credential"],
  });
}

/** Whoever signs: the provider by its certificate, the wallet by the key of this instance. */
async function signJwt(signer, { header, payload }) {
  const key = signer.method === "x5c" ? provider.privateKey : instance.privateKey;
  // 0.4.6 of the wallet calls key attestations what a draft did.
  if (header.typ === "keyattestation+jwt") header = { ...header, typ: "key-attestation+jwt" };
  const jwt = await new SignJWT(payload).setProtectedHeader({ ...header, alg: signer.alg }).sign(key);
  return { jwt, signerJwk: instance.jwk };
}

const byProvider = () => ({ method: "x5c", alg: "ES256", x5c: provider.x5c });
const byInstance = () => ({ method: "jwk", alg: "ES256", publicJwk: instance.jwk });

async function wallet() {
  const walletProvider = new Openid4vciWalletProvider({ callbacks: { signJwt } });
  const clientAttestationJwt = await walletProvider.createWalletAttestationJwt({
    clientId: String(client.clientId), confirmation: { jwk: instance.jwk }, issuer: "https://wallets.example",
    signer: byProvider(), expiresAt: new Date(Date.now() + 300_000), walletName: "Wallet", additionalPayload: { status: status() },
  });
  const generateRandom = (count) => randomBytes(count);
  const callbacks = {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom, signJwt,
    clientAuthentication: clientAuthenticationClientAttestationJwt({ clientAttestationJwt, callbacks: { signJwt, generateRandom } }),
    verifyJwt: async () => ({ verified: true, signerJwk: instance.jwk }),
  };
  return { walletProvider, holder: new Openid4vciClient({ callbacks }) };
}

async function offered(holder) {
  const made = await api("POST", "vci/offer/create", {
    credentialConfigurationIds: ["identity"], preAuthorizedCodeGrantIncluded: true, subject: "john",
  });
  const uri = `${issuer}/offers/${made.info.identifier}`;
  const offer = await holder.resolveCredentialOffer(`openid-credential-offer://?credential_offer_uri=${encodeURIComponent(uri)}`);
  return { credentialOffer: offer, issuerMetadata: await holder.resolveIssuerMetadata(offer.credential_issuer) };
}

/** A credential for the keys that the provider attests. */
async function credential({ walletProvider, holder }, offer, more = {}) {
  const { accessTokenResponse } = await holder.retrievePreAuthorizedCodeAccessTokenFromOffer(offer);
  const { issuerMetadata } = offer;
  const { c_nonce: nonce } = await holder.requestNonce({ issuerMetadata });
  const keyAttestationJwt = await walletProvider.createKeyAttestationJwt({
    attestedKeys: [instance.jwk], nonce, signer: byProvider(), use: "proof_type.jwt", keyStorage: ["iso_18045_high"],
    expiresAt: new Date(Date.now() + 300_000), additionalPayload: { status: status() }, ...more,
  });
  const proof = await holder.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId: "identity", nonce, signer: byInstance(), keyAttestationJwt,
  });
  const { credentialResponse } = await holder.retrieveCredentials({
    issuerMetadata, accessToken: accessTokenResponse.access_token, credentialConfigurationId: "identity", proofs: { jwt: [proof.jwt] },
  });
  return credentialResponse.credentials;
}

test("an attested wallet gets a credential for an attested key", async () => {
  const own = await wallet();
  const credentials = await credential(own, await offered(own.holder));
  assert.equal(credentials.length, 1);
  const payload = JSON.parse(Buffer.from(credentials[0].credential.split(".")[1], "base64url"));
  assert.equal(payload.cnf.jwk.x, instance.jwk.x);
});

test("a key that is kept worse than is wanted gets none", async () => {
  const own = await wallet();
  await assert.rejects(credential(own, await offered(own.holder), { keyStorage: ["iso_18045_basic"] }), (e) => {
    assert.equal(e.response.credentialErrorResponseResult.data.error, "invalid_proof");
    return true;
  });
});

test("a wallet that its provider has taken back is no client any more", async () => {
  const own = await wallet();
  const offer = await offered(own.holder);
  isRevoked = true;
  // The list says that it may be kept for a second.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await assert.rejects(own.holder.retrievePreAuthorizedCodeAccessTokenFromOffer(offer), (e) => {
    assert.equal(e.errorResponse.error, "invalid_client_attestation");
    return true;
  });
});
