// The published @authlete/typescript-sdk, unmodified: management of services and clients, and the whole
// OpenID Connect code flow. Its response schemas are strict, so every call also proves the wire rules.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { Authlete } from "@authlete/typescript-sdk";
import { createLocalJWKSet, jwtVerify } from "jose";
import { startPlacet } from "../placet.mjs";

let placet, env, serviceId, api, owner;

before(async () => {
  placet = await startPlacet();
  env = placet.env;
  serviceId = env.AUTHLETE_SERVICE_ID;
  const sdk = (bearer) => new Authlete({ serverURL: env.AUTHLETE_BASE_URL, bearer });
  api = sdk(env.AUTHLETE_BEARER);
  owner = sdk(env.AUTHLETE_ORG_TOKEN);
});

after(() => placet?.stop());

const form = (members) => new URLSearchParams(members).toString();
const redirected = (content) => new URL(content).searchParams;

async function authorize(members = {}, clientId = env.DEMO_CLIENT_ID) {
  const parameters = form({
    response_type: "code",
    client_id: clientId,
    redirect_uri: env.DEMO_REDIRECT_URI,
    scope: "openid email",
    ...members,
  });
  return api.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
}

async function token(members, confidential = true) {
  const tokenRequest = { parameters: form(members) };
  if (confidential) {
    tokenRequest.clientId = env.DEMO_CLIENT_ID;
    tokenRequest.clientSecret = env.DEMO_CLIENT_SECRET;
  }
  return api.token.process({ serviceId, tokenRequest });
}

async function code(members = {}) {
  const { ticket } = await authorize(members);
  const issued = await api.authorization.issue({
    serviceId,
    authorizationIssueRequest: { ticket, subject: "john", authTime: 1_700_000_000, acr: "gold" },
  });
  assert.equal(issued.action, "LOCATION");
  return redirected(issued.responseContent).get("code");
}

test("the whole code flow", async () => {
  const request = await authorize({ state: "s1", nonce: "n1", prompt: "login" });
  assert.equal(request.action, "INTERACTION");
  assert.equal(request.resultCode, "A004001");
  assert.equal(request.client.clientName, "Demo client");
  assert.equal(request.service.serviceName, "Demo service");
  assert.deepEqual(request.scopes.map((scope) => scope.name), ["openid", "email"]);
  assert.deepEqual(request.prompts, ["LOGIN"]);

  const info = await api.authorization.management.updateTicket({
    serviceId,
    authorizationTicketUpdateRequest: { ticket: request.ticket, info: JSON.stringify({ context: "mine" }) },
  });
  assert.equal(info.action, "OK");
  const read = await api.authorization.management.getTicketInfo({
    serviceId,
    authorizationTicketInfoRequest: { ticket: request.ticket },
  });
  assert.equal(read.info.context, "mine");

  const issued = await api.authorization.issue({
    serviceId,
    authorizationIssueRequest: {
      ticket: request.ticket,
      subject: "john",
      claims: JSON.stringify({ email: "john@example.com" }),
      properties: [{ key: "visible", value: "1" }, { key: "consent_id", value: "2", hidden: true }],
    },
  });
  assert.equal(issued.action, "LOCATION");
  const answer = redirected(issued.responseContent);
  assert.equal(answer.get("state"), "s1");

  const tokens = await token({
    grant_type: "authorization_code",
    code: answer.get("code"),
    redirect_uri: env.DEMO_REDIRECT_URI,
  });
  assert.equal(tokens.action, "OK");
  assert.equal(tokens.resultCode, "A050001");
  const content = JSON.parse(tokens.responseContent);
  assert.equal(content.access_token, tokens.accessToken);
  assert.equal(content.visible, "1");
  assert.equal(content.consent_id, undefined, "hidden properties stay hidden");
  assert.equal(tokens.properties.length, 2);

  const jwks = await api.jwkSetEndpoint.serviceJwksGetApi({ serviceId });
  const metadata = await api.service.getConfiguration({ serviceId });
  const { payload } = await jwtVerify(content.id_token, createLocalJWKSet(jwks), {
    issuer: metadata.issuer,
    audience: env.DEMO_CLIENT_ID,
  });
  assert.equal(payload.sub, "john");
  assert.equal(payload.nonce, "n1");
  assert.equal(payload.email, "john@example.com");
  const hash = createHash("sha256").update(content.access_token).digest().subarray(0, 16);
  assert.equal(payload.at_hash, hash.toString("base64url"));

  const introspected = await api.introspection.process({
    serviceId,
    introspectionRequest: { token: content.access_token, scopes: ["email"], subject: "john" },
  });
  assert.equal(introspected.action, "OK");
  assert.equal(introspected.usable, true);
  assert.equal(introspected.properties.length, 2);
  const standard = await api.introspection.standardProcess({
    serviceId,
    standardIntrospectionRequest: { parameters: form({ token: content.access_token }) },
  });
  assert.equal(JSON.parse(standard.responseContent).active, true);

  const asked = await api.userinfo.process({ serviceId, userinfoRequest: { token: content.access_token } });
  assert.equal(asked.action, "OK");
  assert.deepEqual(asked.claims, ["email", "email_verified"]);
  const userinfo = await api.userinfo.issue({
    serviceId,
    userinfoIssueRequest: { token: content.access_token, claims: JSON.stringify({ email: "john@example.com" }) },
  });
  assert.equal(userinfo.action, "JSON");
  assert.deepEqual(JSON.parse(userinfo.responseContent), { sub: "john", email: "john@example.com" });

  const refreshed = await token({ grant_type: "refresh_token", refresh_token: content.refresh_token });
  assert.equal(refreshed.action, "OK");
  assert.notEqual(refreshed.refreshToken, content.refresh_token);
  const revoked = await api.revocation.process({
    serviceId,
    revocationRequest: {
      parameters: form({ token: refreshed.accessToken }),
      clientId: env.DEMO_CLIENT_ID,
      clientSecret: env.DEMO_CLIENT_SECRET,
    },
  });
  assert.equal(revoked.action, "OK");
  const ended = await api.introspection.process({
    serviceId,
    introspectionRequest: { token: refreshed.accessToken },
  });
  assert.equal(ended.action, "UNAUTHORIZED");
  assert.equal(ended.existent, false);
});

test("the public client with PKCE", async () => {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const refused = await authorize({}, env.DEMO_PUBLIC_CLIENT_ID);
  assert.equal(refused.action, "LOCATION");
  assert.equal(redirected(refused.responseContent).get("error"), "invalid_request");
  const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
  const { ticket } = await authorize(pkce, env.DEMO_PUBLIC_CLIENT_ID);
  const issued = await api.authorization.issue({
    serviceId,
    authorizationIssueRequest: { ticket, subject: "jane" },
  });
  const redeem = {
    grant_type: "authorization_code",
    client_id: env.DEMO_PUBLIC_CLIENT_ID,
    redirect_uri: env.DEMO_REDIRECT_URI,
    code: redirected(issued.responseContent).get("code"),
  };
  const wrong = await token({ ...redeem, code_verifier: challenge }, false);
  assert.equal(wrong.action, "BAD_REQUEST");
  assert.equal(JSON.parse(wrong.responseContent).error, "invalid_grant");
  const right = await token({ ...redeem, code_verifier: verifier }, false);
  assert.equal(right.action, "OK");
});

test("each fail", async () => {
  const { ticket } = await authorize({ prompt: "none" });
  const failed = await api.authorization.fail({
    serviceId,
    authorizationFailRequest: { ticket, reason: "NOT_LOGGED_IN" },
  });
  assert.equal(failed.action, "LOCATION");
  assert.equal(failed.resultCode, "A060301");
  assert.equal(redirected(failed.responseContent).get("error"), "login_required");
  const again = await api.authorization.fail({
    serviceId,
    authorizationFailRequest: { ticket, reason: "DENIED" },
  });
  assert.equal(again.action, "BAD_REQUEST");

  const grant = { grant_type: "password", username: "john", password: "pw", scope: "email" };
  const asked = await token(grant);
  assert.equal(asked.action, "PASSWORD");
  assert.equal(asked.username, "john");
  const refused = await api.token.fail({
    serviceId,
    tokenFailRequest: { ticket: asked.ticket, reason: "INVALID_RESOURCE_OWNER_CREDENTIALS" },
  });
  assert.equal(refused.action, "BAD_REQUEST");
  assert.equal(refused.resultCode, "A067301");
  assert.equal(JSON.parse(refused.responseContent).error, "invalid_request");
  const granted = await token(grant);
  const issued = await api.token.issue({
    serviceId,
    tokenIssueRequest: { ticket: granted.ticket, subject: "john" },
  });
  assert.equal(issued.action, "OK");
  assert.equal(issued.subject, "john");

  const unknown = await token({ grant_type: "authorization_code", code: "x", redirect_uri: env.DEMO_REDIRECT_URI });
  assert.equal(unknown.action, "BAD_REQUEST");
  const wrong = await api.token.process({
    serviceId,
    tokenRequest: {
      parameters: "grant_type=client_credentials",
      clientId: env.DEMO_CLIENT_ID,
      clientSecret: "wrong",
    },
  });
  assert.equal(wrong.action, "INVALID_CLIENT");
});

test("two redemptions of one code at once: one wins, and its tokens end", async () => {
  const redeem = { grant_type: "authorization_code", redirect_uri: env.DEMO_REDIRECT_URI, code: await code() };
  const answers = await Promise.all([token(redeem), token(redeem), token(redeem)]);
  const won = answers.filter((answer) => answer.action === "OK");
  assert.equal(won.length, 1, JSON.stringify(answers.map((answer) => answer.resultCode)));
  const left = await api.introspection.process({
    serviceId,
    introspectionRequest: { token: won[0].accessToken },
  });
  assert.equal(left.action, "UNAUTHORIZED");
});

test("services", async () => {
  const created = await owner.service.create({
    serviceName: "Interop",
    issuer: "https://interop.example",
    supportedScopes: [{ name: "openid", defaultEntry: false }],
    accessTokenDuration: 600,
  });
  assert.equal(created.serviceName, "Interop");
  const id = String(created.apiKey);
  const read = await owner.service.get({ serviceId: id });
  assert.equal(read.accessTokenDuration, 600);
  const updated = await owner.service.update({ serviceId: id, service: { serviceName: "Interop 2" } });
  assert.equal(updated.serviceName, "Interop 2");
  assert.equal(updated.apiKey, created.apiKey);
  const list = await owner.service.list({ start: 0, end: 10 });
  assert.ok(list.services.some((service) => service.apiKey === created.apiKey));
  assert.equal(list.totalCount, 2);
  await owner.service.delete({ serviceId: id });
  await assert.rejects(owner.service.get({ serviceId: id }));
});

test("clients", async () => {
  const created = await api.client.create({
    serviceId,
    client: { clientName: "Interop", clientType: "CONFIDENTIAL", redirectUris: ["https://interop.example/cb"] },
  });
  assert.equal(created.clientName, "Interop");
  assert.equal(created.clientSecret.length, 86);
  const clientId = String(created.clientId);
  const updated = await api.client.update({
    serviceId,
    clientId,
    client: { clientName: "Interop 2", clientIdAlias: "interop" },
  });
  assert.equal(updated.clientSecret, created.clientSecret);
  const read = await api.client.get({ serviceId, clientId: "interop" });
  assert.equal(read.clientId, created.clientId);
  const list = await api.client.list({ serviceId, start: 0, end: 10 });
  assert.equal(list.totalCount, 5);
  await api.client.delete({ serviceId, clientId });
  await assert.rejects(api.client.get({ serviceId, clientId }));
});

test("refusals of the API are typed errors", async () => {
  const stranger = new Authlete({ serverURL: env.AUTHLETE_BASE_URL, bearer: "nonsense" });
  await assert.rejects(stranger.service.get({ serviceId }), (error) => {
    assert.equal(error.statusCode ?? error.rawResponse?.status, 401);
    assert.match(error.data$?.resultCode ?? error.resultCode ?? error.body, /A900201/);
    return true;
  });
});
