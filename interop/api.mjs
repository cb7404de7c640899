// For drivers in other languages that call the API: starts a placet that takes both versions of it, and a client in its
// service; says in one line of JSON where it is and what opens it, and ends with its input.
import { startPlacet } from "./placet.mjs";

const { env, stop } = await startPlacet({ version2: true });
const base = env.AUTHLETE_BASE_URL;
const call = async (method, path, body) => {
  const headers = { authorization: `Bearer ${env.AUTHLETE_ORG_TOKEN}`, "content-type": "application/json" };
  const response = await fetch(`${base}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const key = env.AUTHLETE_SERVICE_APIKEY;
// Whatever a driver asks for on its way.
const service = await call("PATCH", `${key}/service/update`, {
  supportedGrantTypes: [
    "AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "CIBA", "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER",
  ],
  grantManagementEndpoint: "https://as.example/grants",
});
const said = {
  base,
  issuer: env.DEMO_ISSUER,
  key,
  secret: service.apiSecret,
  token: env.AUTHLETE_SERVICE_ACCESSTOKEN,
  owner: env.AUTHLETE_ORGANIZATION_ID,
  ownerSecret: env.AUTHLETE_ORG_TOKEN,
};
process.stdout.write(`${JSON.stringify(said)}\n`);
process.stdin.resume();
process.stdin.once("end", async () => {
  await stop();
  process.exit(0);
});
