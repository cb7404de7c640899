// The published @authlete/typescript-sdk, unmodified: what binds tokens to keys, what is fetched, and the families
// beside the code flow, over the wire.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { SignJWT, calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { CALLBACK, ISSUER, credentials, form, startWorld } from "./world.mjs";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

let world, owner, key, documents, published;

before(async () => {
  world = await startWorld();
  owner = world.owner;
  key = await makeKey();
  published = new Map();
  documents = createServer((request, response) => {
    response.statusCode = published.has(request.url) ? 200 : 404;
    response.end(published.get(request.url) ?? "");
  });
  await new Promise((resolve) => documents.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  documents?.close();
  await world?.stop();
});

async function makeKey() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), alg: "ES256", use: "sig", kid: randomUUID() };
  return { privateKey, jwk, jwks: JSON.stringify({ keys: [jwk] }), jkt: await calculateJwkThumbprint(jwk) };
}

const address = (path) => `http://127.0.0.1:${documents.address().port}${path}`;

function proof(members, { privateKey, jwk } = key) {
  const { kty, crv, x, y } = jwk;
  return new SignJWT({ jti: randomUUID(), ...members })
    .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } })
    .setIssuedAt()
    .sign(privateKey);
}

function assertion(clientId, by = key) {
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: "ES256", kid: by.jwk.kid })
    .setIssuer(String(clientId))
    .setSubject(String(clientId))
    .setAudience(ISSUER)
    .setIssuedAt()
    .setExpirationTime("1m")
    .sign(by.privateKey);
}

test("DPoP with nonces, at the token endpoint and at a resource", async () => {
  const serviceId = await world.service({ dpopNonceRequired: true, dpopNonceDuration: 60 });
  const who = credentials(await world.client(serviceId));
  const ask = async (members) => {
    const dpop = await proof({ htm: "POST", htu: `${ISSUER}/token`, ...members });
    const parameters = form({ grant_type: "client_credentials", scope: "read" });
    return owner.token.process({ serviceId, tokenRequest: { parameters, ...who, dpop } });
  };
  const refused = await ask({});
  assert.equal(refused.action, "BAD_REQUEST");
  assert.equal(JSON.parse(refused.responseContent).error, "use_dpop_nonce");
  assert.ok(refused.dpopNonce);
  const given = await ask({ nonce: refused.dpopNonce });
  assert.equal(given.action, "OK");
  const { access_token: token, token_type: type } = JSON.parse(given.responseContent);
  assert.equal(type, "DPoP");

  const resource = { htm: "GET", htu: "https://rs.example/a" };
  const ath = createHash("sha256").update(token).digest("base64url");
  const show = async (members, by) =>
    owner.introspection.process({
      serviceId,
      introspectionRequest: { token, ...resource, dpop: await proof({ ...resource, ath, ...members }, by) },
    });
  const wanted = await show({});
  assert.equal(wanted.action, "UNAUTHORIZED");
  assert.match(wanted.responseContent, /^DPoP .*use_dpop_nonce/);
  const { action } = await show({ nonce: wanted.dpopNonce });
  assert.equal(action, "OK");
  const stranger = await show({ nonce: wanted.dpopNonce }, await makeKey());
  assert.equal(stranger.action, "UNAUTHORIZED");
});

test("mutual TLS: a client that its certificate proves, and a token that is bound to it", async () => {
  const clientCertificate = await readFile(new URL("../certificate.pem", import.meta.url), "utf8");
  const der = clientCertificate.replace(/-----.*-----|\s/g, "");
  const serviceId = await world.service({ tlsClientCertificateBoundAccessTokens: true });
  const { clientId } = await world.client(serviceId, {
    tokenAuthMethod: "SELF_SIGNED_TLS_CLIENT_AUTH",
    tlsClientCertificateBoundAccessTokens: true,
    jwks: JSON.stringify({ keys: [{ kty: "EC", crv: "P-256", kid: "tls", x5c: [der] }] }),
  });
  const parameters = form({ grant_type: "client_credentials", scope: "read", client_id: clientId });
  const without = await owner.token.process({ serviceId, tokenRequest: { parameters } });
  assert.equal(without.action, "INVALID_CLIENT");
  const given = await owner.token.process({ serviceId, tokenRequest: { parameters, clientCertificate } });
  assert.equal(given.action, "OK");
  const token = given.accessToken;
  const thumbprint = createHash("sha256").update(Buffer.from(der, "base64")).digest("base64url");
  const standard = await owner.introspection.standardProcess({
    serviceId,
    standardIntrospectionRequest: { parameters: form({ token }) },
  });
  assert.equal(JSON.parse(standard.responseContent).cnf["x5t#S256"], thumbprint);
  const bound = await owner.introspection.process({
    serviceId,
    introspectionRequest: { token, clientCertificate },
  });
  assert.equal(bound.action, "OK");
  assert.equal(bound.certificateThumbprint, thumbprint);
  const bare = await owner.introspection.process({ serviceId, introspectionRequest: { token } });
  assert.equal(bare.action, "UNAUTHORIZED");
});

test("key sets and request objects are fetched, and a key that is replaced is found", async () => {
  const serviceId = await world.service();
  published.set("/jwks", key.jwks);
  const { clientId } = await world.client(serviceId, {
    tokenAuthMethod: "PRIVATE_KEY_JWT",
    jwksUri: address("/jwks"),
    requestUris: [address("/object")],
  });
  const ask = async (by) => {
    const parameters = form({
      grant_type: "client_credentials",
      client_assertion_type: ASSERTION,
      client_assertion: await assertion(clientId, by),
    });
    return owner.token.process({ serviceId, tokenRequest: { parameters } });
  };
  assert.equal((await ask(key)).action, "OK");
  const next = await makeKey();
  assert.equal((await ask(next)).action, "INVALID_CLIENT");
  published.set("/jwks", JSON.stringify({ keys: [key.jwk, next.jwk] }));
  // A set is not fetched again within ten seconds, whoever asks.
  let found = await ask(next);
  for (let waited = 0; found.action !== "OK" && waited < 20; waited += 1) {
    await setTimeout(1000);
    found = await ask(next);
  }
  assert.equal(found.action, "OK");

  const object = await new SignJWT({
    client_id: String(clientId),
    response_type: "code",
    redirect_uri: CALLBACK,
    state: "inside",
  })
    .setProtectedHeader({ alg: "ES256", kid: key.jwk.kid })
    .setIssuer(String(clientId))
    .setAudience(ISSUER)
    .sign(key.privateKey);
  published.set("/object", object);
  const parameters = form({ client_id: clientId, request_uri: address("/object") });
  const request = await owner.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
  assert.equal(request.action, "INTERACTION");
  const elsewhere = form({ client_id: clientId, request_uri: address("/other") });
  const refused = await owner.authorization.processRequest({
    serviceId,
    authorizationRequest: { parameters: elsewhere },
  });
  assert.equal(JSON.parse(refused.responseContent).error, "invalid_request_uri");
});

test("FAPI 2.0: a pushed request, a bound code, an answer that names its issuer", async () => {
  const serviceId = await world.service({ fapiModes: ["FAPI2_SECURITY"] });
  const { clientId } = await world.client(serviceId, { tokenAuthMethod: "PRIVATE_KEY_JWT", jwks: key.jwks });
  const verifier = "0123456789012345678901234567890123456789012";
  const signed = async (members) =>
    form({ ...members, client_assertion_type: ASSERTION, client_assertion: await assertion(clientId) });
  const pushed = await owner.pushedAuthorization.create({
    serviceId,
    pushedAuthorizationRequest: {
      parameters: await signed({
        response_type: "code",
        redirect_uri: CALLBACK,
        scope: "openid",
        state: "s1",
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
      }),
      dpop: await proof({ htm: "POST", htu: `${ISSUER}/par` }),
    },
  });
  assert.equal(pushed.action, "CREATED");
  const parameters = form({ client_id: clientId, request_uri: pushed.requestUri });
  await owner.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
  const { ticket } = await owner.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
  const issued = await owner.authorization.issue({
    serviceId,
    authorizationIssueRequest: { ticket, subject: "john" },
  });
  const answer = new URL(issued.responseContent).searchParams;
  assert.equal(answer.get("iss"), ISSUER);
  const redeem = async (by) => {
    const grant = { grant_type: "authorization_code", redirect_uri: CALLBACK, code_verifier: verifier };
    return owner.token.process({
      serviceId,
      tokenRequest: {
        parameters: await signed({ ...grant, code: answer.get("code") }),
        dpop: await proof({ htm: "POST", htu: `${ISSUER}/token` }, by),
      },
    });
  };
  const stolen = await redeem(await makeKey());
  assert.equal(JSON.parse(stolen.responseContent).error, "invalid_grant");
  const tokens = await redeem(key);
  assert.equal(tokens.action, "OK");
  assert.equal(decodeJwt(JSON.parse(tokens.responseContent).id_token).sub, "john");
  const used = await owner.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
  assert.equal(JSON.parse(used.responseContent).error, "invalid_request_uri");
});

test("CIBA, by polling", async () => {
  const serviceId = await world.service();
  const who = credentials(await world.client(serviceId));
  const asked = await owner.ciba.processAuthentication({
    serviceId,
    backchannelAuthenticationRequest: { parameters: form({ scope: "openid", login_hint: "john" }), ...who },
  });
  assert.equal(asked.action, "USER_IDENTIFICATION");
  assert.equal(asked.hint, "john");
  const { ticket } = asked;
  const issued = await owner.ciba.issue({ serviceId, backchannelAuthenticationIssueRequest: { ticket } });
  assert.equal(issued.action, "OK");
  const poll = () =>
    owner.token.process({
      serviceId,
      tokenRequest: {
        parameters: form({ grant_type: "urn:openid:params:grant-type:ciba", auth_req_id: issued.authReqId }),
        ...who,
      },
    });
  assert.equal(JSON.parse((await poll()).responseContent).error, "authorization_pending");
  const completed = await owner.ciba.complete({
    serviceId,
    backchannelAuthenticationCompleteRequest: { ticket, result: "AUTHORIZED", subject: "john" },
  });
  assert.equal(completed.action, "NO_ACTION");
  const tokens = await poll();
  assert.equal(tokens.action, "OK");
  assert.equal(decodeJwt(tokens.idToken).sub, "john");
});

test("dynamic registration, read, changed and ended", async () => {
  const serviceId = await world.service({
    dynamicRegistrationSupported: true,
    unauthorizedOnClientConfigSupported: true,
    registrationManagementEndpoint: `${ISSUER}/register/`,
  });
  const call = (name, requestBody) => owner.dynamicClientRegistration[name]({ serviceId, requestBody });
  const metadata = { redirect_uris: [CALLBACK], client_name: "Registered" };
  const made = await call("register", { json: JSON.stringify(metadata) });
  assert.equal(made.action, "CREATED");
  const { client_id: clientId, registration_access_token: token } = JSON.parse(made.responseContent);
  assert.equal((await call("get", { clientId, token })).action, "OK");
  const json = JSON.stringify({ ...metadata, client_id: clientId, client_name: "Changed" });
  const changed = await call("update", { clientId, token, json });
  assert.equal(changed.action, "UPDATED");
  assert.equal(JSON.parse(changed.responseContent).client_name, "Changed");
  assert.equal((await call("get", { clientId, token: "wrong" })).action, "UNAUTHORIZED");
  assert.equal((await call("delete", { clientId, token })).action, "DELETED");
});

test("tokens that an administrator makes, lists, changes and ends", async () => {
  const serviceId = await world.service();
  const { clientId } = await world.client(serviceId);
  const manage = owner.token.management;
  const made = await manage.create({
    serviceId,
    tokenCreateRequest: { grantType: "AUTHORIZATION_CODE", clientId, subject: "john", scopes: ["read"] },
  });
  assert.equal(made.action, "OK");
  const list = await manage.list({ serviceId, subject: "john" });
  assert.equal(list.totalCount, 1);
  const updated = await manage.update({
    serviceId,
    tokenUpdateRequest: { accessToken: made.accessToken, scopes: ["openid"] },
  });
  assert.equal(updated.action, "OK");
  const revoked = await manage.revoke({ serviceId, tokenRevokeRequest: { subject: "john" } });
  assert.equal(revoked.count, 1);
  const ended = await owner.introspection.process({
    serviceId,
    introspectionRequest: { token: made.accessToken },
  });
  assert.equal(ended.action, "UNAUTHORIZED");
});
