// Makes a realm with clients in a running Keycloak, by its admin API, and prints a token that may read it:
// node keycloak.mjs http://127.0.0.1:PORT
const base = process.argv[2];

async function call(method, path, body, token) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

const signedIn = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
  method: 'POST',
  body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' }),
});
const token = (await signedIn.json()).access_token;

const key = { kty: 'EC', crv: 'P-256', kid: 'c1', use: 'sig', alg: 'ES256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };
const clients = [
  {
    clientId: 'shop', name: 'Shop', secret: 'shop-secret-of-the-old-server', redirectUris: ['https://shop.test/cb', 'https://shop.test/*'],
    standardFlowEnabled: true, directAccessGrantsEnabled: true, attributes: { 'post.logout.redirect.uris': 'https://shop.test/bye', 'access.token.lifespan': '120' },
  },
  { clientId: 'machine', secret: 'machine-secret-of-the-old-server', serviceAccountsEnabled: true, standardFlowEnabled: false },
  { clientId: 'spa', publicClient: true, redirectUris: ['https://spa.test/cb'], attributes: { 'pkce.code.challenge.method': 'S256' } },
  {
    clientId: 'signed', clientAuthenticatorType: 'client-jwt', serviceAccountsEnabled: true, standardFlowEnabled: false,
    attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys: [key] }), 'token.endpoint.auth.signing.alg': 'ES256' },
  },
];
// What John has agreed to, as a realm that is imported has it.
const clientConsents = [{ clientId: 'shop', grantedClientScopes: ['email', 'profile'] }];
const users = [{ clientConsents, username: 'john', enabled: true, firstName: 'J', lastName: 'D', email: 'john@shop.test', credentials: [{ type: 'password', value: 'john' }] }];
await call('POST', '/admin/realms', { realm: 'moving', enabled: true, displayName: 'A shop', users, clients }, token);
// A key of a curve, besides those of RSA that every realm has.
await call('POST', '/admin/realms/moving/components', {
  name: 'curve', providerId: 'ecdsa-generated', providerType: 'org.keycloak.keys.KeyProvider', config: { priority: ['1'], ecdsaEllipticCurveKey: ['P-256'] },
}, token);
console.log(token);
