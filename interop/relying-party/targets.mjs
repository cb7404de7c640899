// The servers that the drivers run against: a certified one first, so that a driver that fails there is wrong
// itself, then ours.
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import Provider from "oidc-provider";
import { Agent, fetch } from "undici";
import { freePort, startPlacet } from "../placet.mjs";

/** Client and server certificates of a placet's local authority. */
async function certificates(directory) {
  const file = (name) => readFile(join(directory, "tls", name), "utf8");
  const [ca, cert, key, serverCert, serverKey] = await Promise.all(
    ["ca.pem", "client.pem", "client.key", "server.pem", "server.key"].map(file),
  );
  return { ca, cert, key, serverCert, serverKey };
}

/** What a driver needs: where the server is, and how to reach it without and with a client certificate. */
function target(name, issuer, { ca, cert, key }, more) {
  const plain = new Agent({ connect: { ca } });
  const mutual = new Agent({ connect: { ca, cert, key } });
  const through = (dispatcher) => (url, options) => fetch(url, { ...options, dispatcher });
  return { name, issuer, ca, certificate: cert, dispatcher: plain, fetch: through(plain), mutualFetch: through(mutual), ...more };
}

export async function placet() {
  const { env, directory, stop } = await startPlacet({ tls: true });
  const api = async (path, body) => {
    const response = await fetch(`${env.AUTHLETE_BASE_URL}/api/${env.AUTHLETE_SERVICE_ID}/${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${env.AUTHLETE_API_TOKEN}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  // Settings of the service that some drivers are about.
  const change = async (changes) => api("service/update", { ...(await api("service/get")), ...changes });
  // What its user says to a client that asks behind their back (CIBA), for tests alone.
  const decide = async ({ auth_req_id: id }, action) => {
    const query = new URLSearchParams({ auth_req_id: id, action });
    const { status } = await server.fetch(`${server.issuer}/backchannel_authentication/decide?${query}`);
    if (status !== 200) throw new Error(`decide: ${status}`);
  };
  const server = target("placet", env.DEMO_ISSUER, await certificates(directory), {
    stop,
    env,
    client: { id: env.DEMO_CLIENT_ID, secret: env.DEMO_CLIENT_SECRET },
    api,
    change,
    decide,
    directory,
    requireNonces: () => change({ dpopNonceRequired: true }),
    resource: `${new URL(env.DEMO_ISSUER).origin}/rs/orders`,
  });
  return server;
}

export async function calibration() {
  // Its certificates are of the same making as ours; what is tried is the protocol.
  const { directory, stop: stopPlacet } = await startPlacet({ tls: true });
  const files = await certificates(directory);
  await stopPlacet();
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  let nonces = false;
  const provider = new Provider(issuer, {
    features: {
      registration: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      encryption: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => nonces },
      mTLS: {
        enabled: true,
        selfSignedTlsClientAuth: true,
        certificateBoundAccessTokens: true,
        getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.(),
      },
      rpInitiatedLogout: { enabled: true },
    },
    scopes: ["openid", "offline_access", "email", "orders:read"],
    claims: { openid: ["sub"], email: ["email"] },
    clientAuthMethods: [
      "client_secret_basic", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth", "none",
    ],
    clientDefaults: { id_token_signed_response_alg: "RS256" },
    responseTypes: ["code", "code id_token"],
    enabledJWA: {
      requestObjectSigningAlgValues: ["ES256", "RS256"],
      userinfoSigningAlgValues: ["RS256"],
      authorizationSigningAlgValues: ["RS256"],
    },
    pkce: { required: () => false },
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed("refresh_token"),
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
  });
  provider.proxy = false;
  const options = { cert: files.serverCert, key: files.serverKey, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, provider.callback());
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return target("oidc-provider", issuer, files, {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    requireNonces: () => {
      nonces = true;
    },
  });
}
