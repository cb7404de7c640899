// npm openid-client and the grants beyond the code flow: devices, CIBA, token exchange.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as client from "openid-client";
import { Person } from "./person.mjs";
import { placet } from "./targets.mjs";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

describe("grants beyond the code", () => {
  let server, config;
  before(async () => {
    server = await placet();
    const { id, secret } = server.client;
    const options = { [client.customFetch]: server.fetch };
    config = await client.discovery(new URL(server.issuer), id, secret, client.ClientSecretBasic(secret), options);
    config[client.customFetch] = server.fetch;
  });
  after(() => server.stop());

  test("a device, and a person who answers elsewhere", async () => {
    const begun = await client.initiateDeviceAuthorization(config, { scope: "openid email" });
    assert.match(begun.user_code, /^[A-Z]{4}-?[A-Z]{4}$/);
    const [tokens] = await Promise.all([
      client.pollDeviceAuthorizationGrant(config, begun, undefined, { signal: AbortSignal.timeout(60_000) }),
      new Person({ dispatcher: server.dispatcher }).answer(begun.verification_uri_complete),
    ]);
    assert.equal(tokens.claims().sub, "john");
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, "john")).email, "john@example.com");
  });

  test("a person who is asked behind their back, by polling", async () => {
    const begun = await client.initiateBackchannelAuthentication(config, { scope: "openid email", login_hint: "john" });
    const [tokens] = await Promise.all([
      client.pollBackchannelAuthenticationGrant(config, begun, undefined, { signal: AbortSignal.timeout(60_000) }),
      server.decide(begun, "allow"),
    ]);
    assert.equal(tokens.claims().sub, "john");
  });

  test("a token for one that is less", async () => {
    const begun = await client.initiateBackchannelAuthentication(config, {
      scope: "openid orders:read orders:write", login_hint: "john",
    });
    await server.decide(begun, "allow");
    const first = await client.pollBackchannelAuthenticationGrant(config, begun);
    const second = await client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
      subject_token: first.access_token,
      subject_token_type: ACCESS_TOKEN,
      scope: "orders:read",
      resource: `${new URL(server.issuer).origin}/rs`,
    });
    assert.equal(second.issued_token_type, ACCESS_TOKEN);
    assert.equal(second.scope, "orders:read");
    const orders = await server.fetch(server.resource, { headers: { authorization: `Bearer ${second.access_token}` } });
    assert.equal(orders.status, 200);
    assert.equal((await orders.json()).of, "john");
    // To the client itself, which it is not for, it is nothing (RFC 9701 §5).
    assert.equal((await client.tokenIntrospection(config, second.access_token)).active, false);
  });

  test("a refused person, and a code that is nobody's", async () => {
    const begun = await client.initiateBackchannelAuthentication(config, { scope: "openid", login_hint: "john" });
    await server.decide(begun, "deny");
    await assert.rejects(client.pollBackchannelAuthenticationGrant(config, begun), { error: "access_denied" });
    const other = client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:device_code", { device_code: "x" });
    await assert.rejects(other, { error: "invalid_grant" });
  });
});
