// npm oauth4webapi and the grants beyond the code flow: devices, CIBA, token exchange. Who is asked answers before the
// first poll, so that nothing has to wait.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import { Person } from "./person.mjs";
import { placet } from "./targets.mjs";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

describe("grants beyond the code, step by step", () => {
  let server, as, http, client, auth;
  before(async () => {
    server = await placet();
    http = { [oauth.customFetch]: server.fetch };
    const issuer = new URL(server.issuer);
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));
    client = { client_id: server.client.id, id_token_signed_response_alg: "ES256" };
    auth = oauth.ClientSecretBasic(server.client.secret);
  });
  after(() => server.stop());

  async function device() {
    const response = await oauth.deviceAuthorizationRequest(as, client, auth, { scope: "openid email" }, http);
    return oauth.processDeviceAuthorizationResponse(as, client, response);
  }

  async function redeemed({ device_code: code }) {
    const response = await oauth.deviceCodeGrantRequest(as, client, auth, code, http);
    const tokens = await oauth.processDeviceCodeResponse(as, client, response);
    await oauth.validateApplicationLevelSignature(as, response, http);
    return tokens;
  }

  async function backchannel(scope) {
    const parameters = { scope, login_hint: "john", binding_message: "W4SCT" };
    const response = await oauth.backchannelAuthenticationRequest(as, client, auth, parameters, http);
    return oauth.processBackchannelAuthenticationResponse(as, client, response);
  }

  async function polled({ auth_req_id: id }) {
    const response = await oauth.backchannelAuthenticationGrantRequest(as, client, auth, id, http);
    const tokens = await oauth.processBackchannelAuthenticationGrantResponse(as, client, response);
    await oauth.validateApplicationLevelSignature(as, response, http);
    return tokens;
  }

  async function exchanged(parameters) {
    const wanted = { subject_token_type: ACCESS_TOKEN, ...parameters };
    const response = await oauth.genericTokenEndpointRequest(as, client, auth, EXCHANGE, wanted, http);
    return oauth.processGenericTokenEndpointResponse(as, client, response);
  }

  test("a device that its user connects, whose code is good once", async () => {
    const begun = await device();
    const { html } = await new Person({ dispatcher: server.dispatcher }).answer(begun.verification_uri_complete);
    assert.match(html, /connected/);
    const tokens = await redeemed(begun);
    assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, "john");
    const userinfo = await oauth.userInfoRequest(as, client, tokens.access_token, http);
    const { email } = await oauth.processUserInfoResponse(as, client, "john", userinfo);
    assert.equal(email, "john@example.com");
    await assert.rejects(redeemed(begun), { error: "invalid_grant" });
  });

  test("a device that waits, and one that asks too soon", async () => {
    const begun = await device();
    await assert.rejects(redeemed(begun), { error: "authorization_pending" });
    await assert.rejects(redeemed(begun), { error: "slow_down" });
  });

  test("a person who is asked behind their back, and one who is not known", async () => {
    const begun = await backchannel("openid email");
    await server.decide(begun, "allow");
    const tokens = await polled(begun);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.equal(claims.sub, "john");
    const unknown = { scope: "openid", login_hint: "nobody" };
    const response = await oauth.backchannelAuthenticationRequest(as, client, auth, unknown, http);
    const refused = oauth.processBackchannelAuthenticationResponse(as, client, response);
    await assert.rejects(refused, { error: "unknown_user_id" });
  });

  test("a person who waits, and who refuses", async () => {
    const begun = await backchannel("openid");
    await assert.rejects(polled(begun), { error: "authorization_pending" });
    await server.decide(begun, "deny");
    await assert.rejects(polled(begun), { error: "access_denied" });
  });

  test("a token for one that is less, and none for one that is more", async () => {
    const begun = await backchannel("openid orders:read");
    await server.decide(begun, "allow");
    const { access_token: subject_token } = await polled(begun);
    const resource = `${new URL(server.issuer).origin}/rs`;
    const less = await exchanged({ subject_token, scope: "orders:read", resource });
    assert.equal(less.issued_token_type, ACCESS_TOKEN);
    assert.equal(less.scope, "orders:read");
    assert.equal(less.refresh_token, undefined);
    const url = new URL(server.resource);
    const orders = await oauth.protectedResourceRequest(less.access_token, "GET", url, undefined, undefined, http);
    assert.equal((await orders.json()).of, "john");
    await assert.rejects(exchanged({ subject_token, scope: "orders:write" }), { error: "invalid_scope" });
    await assert.rejects(exchanged({ subject_token: "x" }), { error: "invalid_request" });
  });
});
