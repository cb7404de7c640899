// npm oauth4webapi: each step by hand, each answer validated.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import { Person } from "./person.mjs";
import { calibration, placet } from "./targets.mjs";

const CALLBACK = "https://client.example/cb";

for (const start of [calibration, placet]) {
  describe(start.name, () => {
    let server;
    let as;
    let http;
    before(async () => {
      server = await start();
      http = { [oauth.customFetch]: server.fetch };
      const issuer = new URL(server.issuer);
      as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));
    });
    after(() => server.stop());

    async function register(metadata) {
      const wanted = {
        redirect_uris: [CALLBACK],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        id_token_signed_response_alg: "RS256",
        ...metadata,
      };
      const response = await oauth.dynamicClientRegistrationRequest(as, wanted, http);
      return oauth.processDynamicClientRegistrationResponse(response);
    }

    function request(endpoint, parameters) {
      const url = new URL(endpoint);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    }

    const person = () => new Person({ dispatcher: server.dispatcher });

    async function authorized(client, parameters = {}) {
      const [verifier, state, nonce] = [
        oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce(),
      ];
      const url = request(as.authorization_endpoint, {
        client_id: client.client_id,
        redirect_uri: CALLBACK,
        response_type: "code",
        scope: "openid email",
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
        ...parameters,
      });
      const answer = await person().answer(url, "https://client.example/");
      return { answer, verifier, state, nonce };
    }

    // shows OIDC-Discovery 4.1/location
    test("metadata are the same under both well-known paths", async () => {
      const issuer = new URL(server.issuer);
      const options = { ...http, algorithm: "oauth2" };
      const response = await oauth.discoveryRequest(issuer, options);
      const other = await oauth.processDiscoveryResponse(issuer, response);
      assert.equal(other.token_endpoint, as.token_endpoint);
    });

    test("client_secret_post, and every signature checked", async () => {
      const client = await register({ token_endpoint_auth_method: "client_secret_post" });
      const auth = oauth.ClientSecretPost(client.client_secret);
      const { answer, verifier, state, nonce } = await authorized(client);
      const parameters = oauth.validateAuthResponse(as, client, new URL(answer.url), state);
      const response = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, CALLBACK, verifier, http);
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(as, response, http);
      assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, "john");
    });

    test("a public client with DPoP, at the resource too", async () => {
      const client = await register({ token_endpoint_auth_method: "none", dpop_bound_access_tokens: true });
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
      const { answer, verifier, state, nonce } = await authorized(client, {
        scope: "openid email orders:read",
        prompt: "consent",
      });
      const parameters = oauth.validateAuthResponse(as, client, new URL(answer.url), state);
      const response = await oauth.authorizationCodeGrantRequest(
        as, client, oauth.None(), parameters, CALLBACK, verifier, { ...http, DPoP },
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce });
      assert.equal(tokens.token_type, "dpop");
      const userinfo = await oauth.userInfoRequest(as, client, tokens.access_token, { ...http, DPoP });
      await oauth.processUserInfoResponse(as, client, "john", userinfo);
      if (!server.resource) return;
      const ask = (options) =>
        oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(server.resource), undefined, undefined, options);
      const orders = await (await ask({ ...http, DPoP })).json();
      assert.equal(orders.of, "john");
      await assert.rejects(ask(http), (e) => e instanceof oauth.WWWAuthenticateChallengeError);
    });

    test("code and ID token, the detached signature validated", async () => {
      const client = await register({
        token_endpoint_auth_method: "client_secret_basic",
        response_types: ["code id_token"],
        grant_types: ["authorization_code", "implicit"],
      });
      const { answer, state, nonce } = await authorized(client, {
        response_type: "code id_token",
        response_mode: "form_post",
      });
      const back = new Request(answer.url, { method: "POST", body: new URLSearchParams(answer.form) });
      const parameters = await oauth.validateCodeIdTokenResponse(as, client, back, nonce, state);
      assert.ok(parameters.get("code"));
    });

    test("refused: without PKCE's verifier, with another redirect URI, with the code again", async () => {
      const client = await register({ token_endpoint_auth_method: "client_secret_basic" });
      const auth = oauth.ClientSecretBasic(client.client_secret);
      const redeem = async ({ callback = CALLBACK, wrong = false, twice = false }) => {
        const { answer, verifier, state } = await authorized(client);
        const parameters = oauth.validateAuthResponse(as, client, new URL(answer.url), state);
        const used = wrong ? oauth.generateRandomCodeVerifier() : verifier;
        const once = () => oauth.authorizationCodeGrantRequest(as, client, auth, parameters, callback, used, http);
        if (twice) await once();
        return oauth.processAuthorizationCodeResponse(as, client, await once());
      };
      for (const variant of [{ callback: "https://client.example/other" }, { wrong: true }, { twice: true }]) {
        await assert.rejects(redeem(variant), { error: "invalid_grant" });
      }
    });

    test("a redirect URI that is not registered leads nowhere", async () => {
      const client = await register({ token_endpoint_auth_method: "client_secret_basic" });
      const url = request(as.authorization_endpoint, {
        client_id: client.client_id,
        redirect_uri: "https://attacker.example/",
        response_type: "code",
        scope: "openid",
      });
      const response = await person().visit(url);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("location"), null);
    });
  });
}
