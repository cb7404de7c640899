// The published @authlete/typescript-sdk, unmodified: devices, refused CIBA, exchanged tokens and assertions, what users
// have granted, and the tokens themselves.
//
// Native SSO is left out: the package does not know the action NATIVE_SSO of the token endpoint, and cannot read the
// answer. So is ID_TOKEN_REISSUABLE, for the same reason.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SignJWT, decodeJwt, generateKeyPair } from "jose";
import { CALLBACK, ISSUER, credentials, form, startWorld } from "./world.mjs";

const URN = "urn:ietf:params:oauth";
const ACCESS_TOKEN = `${URN}:token-type:access_token`;
const GRANTS = [
  "AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "CIBA", "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER",
];
const scopes = ["openid", "read", "write", "grant_management_query", "grant_management_revoke"];

let world, owner, serviceId, made, who;

before(async () => {
  world = await startWorld();
  owner = world.owner;
  serviceId = await world.service({
    supportedGrantTypes: GRANTS,
    supportedScopes: scopes.map((name) => ({ name })),
    deviceAuthorizationEndpoint: `${ISSUER}/device_authorization`,
    deviceVerificationUri: `${ISSUER}/device`,
    grantManagementEndpoint: `${ISSUER}/grants`,
    allowableClockSkew: 10,
  });
  made = await world.client(serviceId, { grantTypes: GRANTS, extension: { tokenExchangePermitted: true } });
  who = credentials(made);
});

after(() => world?.stop());

const token = (members) => owner.token.process({ serviceId, tokenRequest: { parameters: form(members), ...who } });
const error = async (answer) => JSON.parse((await answer).responseContent).error;

async function opens(value) {
  const { action } = await owner.introspection.process({ serviceId, introspectionRequest: { token: value } });
  return action === "OK";
}

/** Tokens of the code flow. */
async function redeemed(members) {
  const parameters = form({ response_type: "code", client_id: who.clientId, redirect_uri: CALLBACK, ...members });
  const { ticket } = await owner.authorization.processRequest({ serviceId, authorizationRequest: { parameters } });
  const issued = await owner.authorization.issue({ serviceId, authorizationIssueRequest: { ticket, subject: "john" } });
  const code = new URL(issued.responseContent).searchParams.get("code");
  const tokens = await token({ grant_type: "authorization_code", code, redirect_uri: CALLBACK });
  assert.equal(tokens.action, "OK");
  return tokens;
}

test("a device: begun, looked up, connected", async () => {
  const begin = () =>
    owner.deviceFlow.authorization({
      serviceId,
      deviceAuthorizationRequest: { parameters: form({ scope: "openid read" }), ...who },
    });
  const verify = (userCode) => owner.deviceFlow.verification({ serviceId, deviceVerificationRequest: { userCode } });
  const complete = (userCode, result) =>
    owner.deviceFlow.complete({ serviceId, deviceCompleteRequest: { userCode, result, subject: "john" } });
  const poll = ({ deviceCode }) => token({ grant_type: `${URN}:grant-type:device_code`, device_code: deviceCode });

  const begun = await begin();
  assert.equal(begun.action, "OK");
  assert.equal(await error(poll(begun)), "authorization_pending");
  const seen = await verify(begun.userCode);
  assert.equal(seen.action, "VALID");
  assert.equal(String(seen.clientId), who.clientId);
  assert.deepEqual(seen.scopes.map(({ name }) => name), ["openid", "read"]);
  assert.equal((await complete(begun.userCode, "AUTHORIZED")).action, "SUCCESS");
  const tokens = await poll(begun);
  assert.equal(tokens.action, "OK");
  assert.equal(decodeJwt(tokens.idToken).sub, "john");

  assert.equal((await verify("XXXX-XXXX")).action, "NOT_EXIST");
  const refused = await begin();
  assert.equal((await complete(refused.userCode, "ACCESS_DENIED")).action, "SUCCESS");
  assert.equal(await error(poll(refused)), "access_denied");
});

test("CIBA that is refused: by the server, and by the user", async () => {
  const begin = async (parameters) => {
    const request = { parameters: form({ scope: "openid", ...parameters }), ...who };
    return owner.ciba.processAuthentication({ serviceId, backchannelAuthenticationRequest: request });
  };
  const unknown = await begin({ login_hint: "nobody" });
  const failed = await owner.ciba.fail({
    serviceId,
    backchannelAuthenticationFailRequest: { ticket: unknown.ticket, reason: "UNKNOWN_USER_ID" },
  });
  assert.equal(failed.action, "BAD_REQUEST");
  assert.equal(await error(failed), "unknown_user_id");

  const { ticket, bindingMessage } = await begin({ login_hint: "john", binding_message: "W4SCT" });
  assert.equal(bindingMessage, "W4SCT");
  const issued = await owner.ciba.issue({ serviceId, backchannelAuthenticationIssueRequest: { ticket } });
  await owner.ciba.complete({
    serviceId,
    backchannelAuthenticationCompleteRequest: { ticket, result: "ACCESS_DENIED", subject: "john" },
  });
  const poll = { grant_type: "urn:openid:params:grant-type:ciba", auth_req_id: issued.authReqId };
  assert.equal(await error(token(poll)), "access_denied");
});

test("a token is exchanged: judged here, made by an administrator", async () => {
  const asked = token({
    grant_type: `${URN}:grant-type:token-exchange`,
    subject_token: (await redeemed({ scope: "openid read write" })).accessToken,
    subject_token_type: ACCESS_TOKEN,
    scope: "read",
  });
  // The package takes the scopes of the subject token for strings, where the API has objects, and so reads no answer
  // about a token that has any. What it could not read is the answer itself.
  const { rawValue: judged } = await asked.then(() => assert.fail("the package has learned it"), (e) => e);
  assert.equal(judged.action, "TOKEN_EXCHANGE");
  assert.equal(judged.subjectTokenInfo.subject, "john");
  assert.deepEqual([judged.subjectTokenType, judged.scopes], ["ACCESS_TOKEN", ["read"]]);
  const created = await owner.token.management.create({
    serviceId,
    tokenCreateRequest: { grantType: "TOKEN_EXCHANGE", clientId: made.clientId, subject: "john", scopes: judged.scopes },
  });
  assert.equal(created.action, "OK");
  assert.ok(await opens(created.accessToken));
});

test("a JWT as grant: judged here as far as it goes, made by an administrator", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  const signed = (audience) =>
    new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "ES256" })
      .setIssuer("https://idp.example")
      .setSubject("john")
      .setAudience(audience)
      .setExpirationTime("5m")
      .sign(privateKey);
  const bring = (assertion) => token({ grant_type: `${URN}:grant-type:jwt-bearer`, assertion, scope: "read" });
  const assertion = await signed(ISSUER);
  const asked = await bring(assertion);
  assert.equal(asked.action, "JWT_BEARER");
  assert.equal(asked.assertion, assertion);
  const created = await owner.token.management.create({
    serviceId,
    tokenCreateRequest: { grantType: "JWT_BEARER", clientId: made.clientId, subject: "john", scopes: asked.scopes },
  });
  assert.ok(await opens(created.accessToken));
  assert.equal(await error(bring("nonsense")), "invalid_grant");
});

test("a grant: made, shown, ended with its tokens", async () => {
  const scope = "openid read grant_management_query grant_management_revoke";
  const { accessToken, grantId } = await redeemed({ scope, grant_management_action: "create" });
  const manage = (gmAction) =>
    owner.grantManagement.processRequest({ serviceId, gMRequest: { gmAction, grantId, accessToken } });
  const shown = await manage("QUERY");
  assert.equal(shown.action, "OK");
  assert.ok(JSON.parse(shown.responseContent).scopes.some(({ scope }) => scope.includes("read")));
  assert.equal((await manage("REVOKE")).action, "NO_CONTENT");
  assert.ok(!(await opens(accessToken)));
  assert.equal((await manage("QUERY")).action, "UNAUTHORIZED");
});

test("what a user has granted, listed and taken back", async () => {
  const { accessToken } = await redeemed({ scope: "openid read" });
  // The package wants the user in the path and in the query.
  const user = { subjectPathParameter: "john", subjectQueryParameter: "john" };
  const manage = owner.client.management;
  const list = await manage.listAuthorizations({ serviceId, ...user });
  assert.deepEqual(list.clients.map(({ clientId }) => clientId), [made.clientId]);
  const granted = await manage.getGrantedScopes({ serviceId, clientId: who.clientId, ...user });
  assert.deepEqual(granted.latestGrantedScopes, ["openid", "read"]);
  await manage.deleteAuthorizations({ serviceId, clientId: who.clientId, ...user });
  assert.ok(!(await opens(accessToken)));
});

test("tokens: one is deleted by its value, those of a client at once", async () => {
  const manage = owner.token.management;
  const create = (members) =>
    manage.create({
      serviceId,
      tokenCreateRequest: { grantType: "CLIENT_CREDENTIALS", clientId: made.clientId, scopes: ["read"], ...members },
    });
  const [first, second] = [await create(), await create({ accessTokenDuration: 60 })];
  assert.ok(second.expiresIn <= 60);
  await manage.delete({ serviceId, accessTokenIdentifier: first.accessToken });
  assert.deepEqual([await opens(first.accessToken), await opens(second.accessToken)], [false, true]);
  const { count } = await manage.revoke({ serviceId, tokenRevokeRequest: { clientIdentifier: who.clientId } });
  assert.ok(count >= 1);
  assert.ok(!(await opens(second.accessToken)));
});
