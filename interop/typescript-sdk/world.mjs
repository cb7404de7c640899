// What the tests of the SDK start from: a placet, its owner's SDK, and services and clients made with it.
import { Authlete } from "@authlete/typescript-sdk";
import { startPlacet } from "../placet.mjs";

export const ISSUER = "https://as.example";
export const CALLBACK = "https://client.example/cb";

export const form = (members) => new URLSearchParams(members).toString();
export const credentials = ({ clientId, clientSecret }) => ({ clientId: String(clientId), clientSecret });

export async function startWorld() {
  const { env, stop } = await startPlacet();
  const owner = new Authlete({ serverURL: env.AUTHLETE_BASE_URL, bearer: env.AUTHLETE_ORG_TOKEN });

  /** A service that can do what the test is about, with the keys of the demo service. */
  async function service(members = {}) {
    const demo = await owner.service.get({ serviceId: env.AUTHLETE_SERVICE_ID });
    const made = await owner.service.create({
      serviceName: "Core",
      issuer: ISSUER,
      tokenEndpoint: `${ISSUER}/token`,
      pushedAuthReqEndpoint: `${ISSUER}/par`,
      jwks: demo.jwks,
      supportedGrantTypes: ["AUTHORIZATION_CODE", "CLIENT_CREDENTIALS", "REFRESH_TOKEN", "CIBA"],
      supportedResponseTypes: ["CODE"],
      supportedTokenAuthMethods: ["CLIENT_SECRET_BASIC", "PRIVATE_KEY_JWT", "SELF_SIGNED_TLS_CLIENT_AUTH"],
      supportedScopes: [{ name: "openid" }, { name: "read" }],
      supportedBackchannelTokenDeliveryModes: ["POLL"],
      ...members,
    });
    return String(made.apiKey);
  }

  const client = (serviceId, members = {}) =>
    owner.client.create({
      serviceId,
      client: {
        clientName: "Core",
        clientType: "CONFIDENTIAL",
        redirectUris: [CALLBACK],
        grantTypes: ["AUTHORIZATION_CODE", "CLIENT_CREDENTIALS", "REFRESH_TOKEN", "CIBA"],
        responseTypes: ["CODE"],
        idTokenSignAlg: "ES256",
        bcDeliveryMode: "POLL",
        ...members,
      },
    });

  return { env, owner, service, client, stop };
}
