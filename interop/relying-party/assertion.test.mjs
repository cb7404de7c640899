// JWTs of an identity provider as grants (RFC 7523 §2.1), as npm oauth4webapi and openid-client bring them: both have one
// call for grants of any kind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { asserting, assertion, JWT_BEARER } from "./asserting.mjs";

describe("a JWT as grant", () => {
  let server, config, as;
  before(async () => {
    server = await asserting();
    const { id, secret } = server.client;
    const options = { [openid.customFetch]: server.fetch };
    config = await openid.discovery(new URL(server.issuer), id, secret, openid.ClientSecretBasic(secret), options);
    config[openid.customFetch] = server.fetch;
    as = config.serverMetadata();
  });
  after(() => server.stop());

  const brought = (text, more = {}, options = {}) =>
    openid.genericGrantRequest(config, JWT_BEARER, { assertion: text, scope: "openid email", ...more }, options);

  test("openid-client: a token for the user, who is not asked, and that ends with the assertion", async () => {
    const tokens = await brought(await assertion(server, "john"));
    assert.equal(tokens.scope, "openid email");
    assert.equal(tokens.refresh_token, undefined);
    assert.ok(tokens.expires_in <= 300);
    assert.equal((await openid.fetchUserInfo(config, tokens.access_token, "john")).email, "john@example.com");
  });

  test("openid-client: bound to the key of a proof", async () => {
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"));
    const tokens = await brought(await assertion(server, "john"), {}, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    await openid.fetchUserInfo(config, tokens.access_token, "john", { DPoP });
    await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, "john"));
  });

  test("openid-client: refused, when it is not to be believed", async () => {
    const used = await assertion(server, "john");
    await brought(used);
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: server.identityProvider.jwk.kid };
    const refused = {
      "brought again": used,
      "of another key": await assertion({ ...server, identityProvider: { jwk } }, "john"),
      "of a stranger": await assertion(server, "john", { iss: "https://other.example" }),
      "for another server": await assertion(server, "john", { aud: "https://other.example" }),
      "of nobody": await assertion(server, "nobody"),
      "no JWT": "nonsense",
    };
    for (const [what, text] of Object.entries(refused)) {
      await assert.rejects(brought(text), { error: "invalid_grant" }, what);
    }
  });

  test("oauth4webapi: a token, and what the server says of it", async () => {
    const client = { client_id: server.client.id };
    const auth = oauth.ClientSecretBasic(server.client.secret);
    const http = { [oauth.customFetch]: server.fetch };
    const parameters = { assertion: await assertion(server, "john"), scope: "orders:read" };
    const answer = await oauth.genericTokenEndpointRequest(as, client, auth, JWT_BEARER, parameters, http);
    const tokens = await oauth.processGenericTokenEndpointResponse(as, client, answer);
    const response = await oauth.introspectionRequest(as, client, auth, tokens.access_token, http);
    const found = await oauth.processIntrospectionResponse(as, client, response);
    assert.deepEqual([found.active, found.sub, found.scope], [true, "john", "orders:read"]);
  });
});
