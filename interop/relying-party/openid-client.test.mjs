// npm openid-client, as strict as it comes, against a certified server and against ours.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { Person } from "./person.mjs";
import { calibration, placet } from "./targets.mjs";

const CALLBACK = "https://client.example/cb";
const AFTER = "https://client.example/bye";

for (const start of [calibration, placet]) {
  describe(start.name, () => {
    let server;
    before(async () => (server = await start()));
    after(() => server.stop());

    /** A client registered for this test alone. */
    async function register(metadata = {}, auth, options = {}) {
      const wanted = {
        client_name: "Driver",
        redirect_uris: [CALLBACK],
        post_logout_redirect_uris: [AFTER],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
        id_token_signed_response_alg: "RS256",
        ...metadata,
      };
      return client.dynamicClientRegistration(new URL(server.issuer), wanted, auth ?? client.ClientSecretBasic(), {
        [client.customFetch]: server.fetch,
        ...options,
      });
    }

    /** From the authorization URL to the tokens; the person signs in and agrees. */
    async function tokens(config, url, checks, options) {
      const person = new Person({ dispatcher: server.dispatcher });
      const answer = await person.answer(url.href, "https://client.example/");
      const back = answer.form
        ? new Request(answer.url, { method: "POST", body: new URLSearchParams(answer.form) })
        : new URL(answer.url);
      return [await client.authorizationCodeGrant(config, back, checks, undefined, options), person];
    }

    async function pkce(parameters = {}) {
      const verifier = client.randomPKCECodeVerifier();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      return {
        parameters: {
          redirect_uri: CALLBACK,
          scope: "openid email",
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          state,
          nonce,
          ...parameters,
        },
        checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      };
    }

    async function key(alg = "ES256") {
      const pair = await generateKeyPair(alg, { extractable: true });
      const jwk = { ...(await exportJWK(pair.publicKey)), alg, use: "sig" };
      jwk.kid = await calculateJwkThumbprint(jwk);
      return { ...pair, jwk, kid: jwk.kid };
    }

    test("code with PKCE, userinfo, refresh, introspection, revocation", async () => {
      const config = await register();
      const { parameters, checks } = await pkce({ scope: "openid email offline_access", prompt: "consent" });
      const [first] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      assert.equal(first.claims().sub, "john");
      const userinfo = await client.fetchUserInfo(config, first.access_token, "john");
      assert.equal(userinfo.email, "john@example.com");
      const second = await client.refreshTokenGrant(config, first.refresh_token);
      assert.notEqual(second.access_token, first.access_token);
      const found = await client.tokenIntrospection(config, second.access_token);
      assert.equal(found.active, true);
      assert.equal(found.sub, "john");
      await client.tokenRevocation(config, second.refresh_token ?? first.refresh_token);
      assert.equal((await client.tokenIntrospection(config, second.access_token)).active, false);
    });

    test("pushed authorization requests", async () => {
      const config = await register();
      const { parameters, checks } = await pkce();
      const url = await client.buildAuthorizationUrlWithPAR(config, parameters);
      assert.deepEqual([...url.searchParams.keys()].sort(), ["client_id", "request_uri"]);
      const [set] = await tokens(config, url, checks);
      assert.equal(set.claims().sub, "john");
    });

    test("signed requests of a client with private_key_jwt", async () => {
      const own = await key();
      const config = await register(
        {
          token_endpoint_auth_method: "private_key_jwt",
          token_endpoint_auth_signing_alg: "ES256",
          request_object_signing_alg: "ES256",
          jwks: { keys: [own.jwk] },
        },
        client.PrivateKeyJwt({ key: own.privateKey, kid: own.kid }),
      );
      const { parameters, checks } = await pkce();
      const url = await client.buildAuthorizationUrlWithJAR(config, parameters, { key: own.privateKey, kid: own.kid });
      const [set] = await tokens(config, url, checks);
      assert.equal(set.claims().sub, "john");
    });

    test("signed responses", async () => {
      const config = await register({ authorization_signed_response_alg: "RS256" });
      client.useJwtResponseMode(config);
      const { parameters, checks } = await pkce({ response_mode: "jwt" });
      const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      assert.equal(set.claims().sub, "john");
    });

    test("the answer as a form", async () => {
      const config = await register();
      const { parameters, checks } = await pkce({ response_mode: "form_post" });
      const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      assert.equal(set.claims().sub, "john");
    });

    test("code and ID token at once", async () => {
      const config = await register({
        response_types: ["code id_token"],
        grant_types: ["authorization_code", "implicit"],
      });
      client.useCodeIdTokenResponseType(config);
      const { parameters, checks } = await pkce({ response_mode: "form_post" });
      const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      assert.equal(set.claims().sub, "john");
    });

    test("userinfo signed, and encrypted", async () => {
      const recipient = await generateKeyPair("ECDH-ES", { extractable: true });
      const jwk = { ...(await exportJWK(recipient.publicKey)), alg: "ECDH-ES", use: "enc", kid: "enc" };
      const signed = await register({ userinfo_signed_response_alg: "RS256" });
      const encrypted = await register({
        userinfo_signed_response_alg: "RS256",
        userinfo_encrypted_response_alg: "ECDH-ES",
        userinfo_encrypted_response_enc: "A128GCM",
        jwks: { keys: [jwk] },
      });
      client.enableDecryptingResponses(encrypted, ["A128GCM"], {
        key: recipient.privateKey,
        alg: "ECDH-ES",
        kid: "enc",
      });
      for (const config of [signed, encrypted]) {
        const { parameters, checks } = await pkce();
        const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
        const userinfo = await client.fetchUserInfo(config, set.access_token, "john");
        assert.equal(userinfo.email, "john@example.com");
      }
    });

    test("mutual TLS: a self-signed certificate, and tokens bound to it", async () => {
      const { X509Certificate, createPublicKey } = await import("node:crypto");
      const certificate = new X509Certificate(server.certificate);
      const jwk = createPublicKey(server.certificate).export({ format: "jwk" });
      const config = await register(
        {
          token_endpoint_auth_method: "self_signed_tls_client_auth",
          tls_client_certificate_bound_access_tokens: true,
          use_mtls_endpoint_aliases: true,
          jwks: { keys: [{ ...jwk, use: "sig", kid: "tls", x5c: [certificate.raw.toString("base64")] }] },
        },
        client.TlsClientAuth(),
      );
      config[client.customFetch] = server.mutualFetch;
      const { parameters, checks } = await pkce();
      const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      assert.equal((await client.fetchUserInfo(config, set.access_token, "john")).sub, "john");
      // Without the certificate the token is worth nothing.
      config[client.customFetch] = server.fetch;
      await assert.rejects(client.fetchUserInfo(config, set.access_token, "john"));
    });

    test("logout leads back, and the session is gone", async () => {
      const config = await register();
      const { parameters, checks } = await pkce();
      const [set, person] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks);
      const url = client.buildEndSessionUrl(config, {
        post_logout_redirect_uri: AFTER,
        id_token_hint: set.id_token,
        state: "s1",
      });
      const back = await person.answer(url.href, "https://client.example/");
      assert.equal(back.url, `${AFTER}?state=s1`);
      const silent = client.buildAuthorizationUrl(config, { ...parameters, prompt: "none" });
      const refused = await person.answer(silent.href, "https://client.example/");
      assert.equal(new URL(refused.url).searchParams.get("error"), "login_required");
    });

    test("DPoP, with nonces that the server demands", async () => {
      await server.requireNonces();
      const config = await register({ dpop_bound_access_tokens: true });
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
      const { parameters, checks } = await pkce();
      const [set] = await tokens(config, client.buildAuthorizationUrl(config, parameters), checks, { DPoP });
      assert.equal(set.token_type, "dpop");
      const userinfo = await client.fetchUserInfo(config, set.access_token, "john", { DPoP });
      assert.equal(userinfo.sub, "john");
      // Without a proof the token is worth nothing.
      await assert.rejects(client.fetchUserInfo(config, set.access_token, "john"));
    });
  });
}
