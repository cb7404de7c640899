// What the wallet got, verified by published packages for JavaScript.
import assert from "node:assert/strict";
import { X509Certificate, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as animo from "@animo-id/mdoc";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { createLocalJWKSet, jwtVerify } from "jose";

const require = createRequire(import.meta.url);
const mdl = require("@auth0/mdl");
const cbor = require("@auth0/mdl/lib/cbor");

const got = JSON.parse(await readFile(process.env.CREDENTIALS, "utf8"));
const { identity, diploma, membership, signed_in } = got.credentials;
const licence = Buffer.from(got.credentials.mdl, "base64url");
const root = new X509Certificate(got.root);
const DOCTYPE = "org.iso.18013.5.1.mDL";

const holds = (jwk, data, signature) => {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify("sha256", Buffer.from(data), { key, dsaEncoding: "ieee-p1363" }, signature);
};

const settings = {
  hasher: (data, alg) => createHash(alg.replace("-", "")).update(typeof data === "string" ? data : Buffer.from(data)).digest(),
  hashAlg: "sha-256",
  saltGenerator: async (length) => randomBytes(length).toString("base64url"),
  verifier: async (data, signature) => holds(got.keys.keys[0], data, Buffer.from(signature, "base64url")),
  kbVerifier: async (data, signature, payload) => holds(payload.cnf.jwk, data, Buffer.from(signature, "base64url")),
  kbSigner: async (data) => {
    const key = createPrivateKey({ key: got.holder, format: "jwk" });
    return sign("sha256", Buffer.from(data), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  },
  kbSignAlg: "ES256",
  statusVerifier: async (data, signature) => holds(got.keys.keys[0], data, Buffer.from(signature, "base64url")),
};
/** Verifies with a status list as it was at some time. */
const withStatuses = (list) =>
  new SDJwtVcInstance({
    ...settings,
    statusListFetcher: async (uri) => {
      assert.equal(uri, got.statuses.uri);
      return list;
    },
  });
const sdJwt = withStatuses(got.statuses.before);

test("@sd-jwt/sd-jwt-vc verifies dc+sd-jwt, and what the wallet shows of it", async () => {
  for (const credential of [identity, diploma, signed_in]) {
    const { payload } = await sdJwt.verify(credential);
    assert.equal(payload.iss, got.issuer);
    assert.equal(payload.given_name, "John");
    assert.equal(payload.cnf.jwk.x, got.holder.x);
  }
  const iat = Math.floor(Date.now() / 1000);
  const kb = { payload: { iat, aud: "https://verifier.example", nonce: "n" } };
  const shown = await sdJwt.present(identity, { family_name: true }, { kb });
  const { payload } = await sdJwt.verify(shown, { keyBindingNonce: "n" });
  assert.deepEqual([payload.family_name, payload.given_name], ["Smith", undefined]);
  await assert.rejects(sdJwt.verify(identity.replace(/\.[^.~]{8}(?=[^.~]*~)/, ".AAAAAAAA")));
});

test("@sd-jwt/sd-jwt-vc sees by the status list what was revoked", async () => {
  const later = withStatuses(got.statuses.after);
  assert.equal((await later.verify(identity)).payload.iss, got.issuer);
  await assert.rejects(later.verify(diploma), /status/i);
});

test("jose verifies jwt_vc_json", async () => {
  const keys = createLocalJWKSet(got.keys);
  const { payload } = await jwtVerify(membership, keys, { issuer: got.issuer, typ: "JWT" });
  assert.deepEqual(payload.vc.type, ["VerifiableCredential", "MembershipCredential"]);
  assert.equal(payload.vc.credentialSubject.email, "john@example.com");
  assert.equal(payload.cnf.jwk.x, got.holder.x);
});

test("@auth0/mdl verifies mso_mdoc, as the wallet presents it", async () => {
  const issuerSigned = cbor.cborDecode(licence);
  const document = new Map([["docType", DOCTYPE], ["issuerSigned", issuerSigned]]);
  const held = mdl.parse(cbor.cborEncode(new Map([["version", "1.0"], ["documents", [document]], ["status", 0]])));
  const fields = ["family_name", "birth_date"].map((name) => ({
    path: [`$['org.iso.18013.5.1']['${name}']`], intent_to_retain: false,
  }));
  const definition = {
    id: "x",
    input_descriptors: [
      { id: DOCTYPE, format: { mso_mdoc: { alg: ["ES256"] } }, constraints: { limit_disclosure: "required", fields } },
    ],
  };
  const transcript = cbor.cborEncode(cbor.DataItem.fromData([null, null, ["OpenID4VPDCAPIHandover", new Uint8Array(3)]]));
  const response = await mdl.DeviceResponse.from(new mdl.MDoc([held.documents[0]]))
    .usingPresentationDefinition(definition)
    .usingSessionTranscriptBytes(transcript)
    .authenticateWithSignature(got.holder, "ES256")
    .sign();
  const failed = [];
  const onCheck = ({ status, check, reason }) => status === "FAILED" && failed.push([check, reason]);
  const verified = await new mdl.Verifier([got.root]).verify(response.encode(), {
    encodedSessionTranscript: transcript, onCheck,
  });
  assert.deepEqual(failed, []);
  const elements = verified.documents[0].getIssuerNameSpace("org.iso.18013.5.1");
  assert.equal(elements.family_name, "Smith");
  assert.equal(elements.given_name, undefined);
});

/** What @animo-id/mdoc leaves to whoever uses it. */
const context = {
  crypto: {
    digest: async ({ digestAlgorithm, bytes }) =>
      new Uint8Array(createHash(digestAlgorithm.replace("-", "").toLowerCase()).update(bytes).digest()),
    random: (length) => randomBytes(length),
  },
  cose: {
    sign1: {
      verify: async ({ jwk, sign1 }) => {
        const { data, signature } = sign1.getRawVerificationData();
        return holds(jwk, data, signature);
      },
    },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) => {
      const lines = new X509Certificate(certificate).issuer.split("\n");
      return lines.filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1));
    },
    getPublicKey: async ({ certificate }) => new X509Certificate(certificate).publicKey.export({ format: "jwk" }),
    validateCertificateChain: async ({ trustedCertificates, x5chain }) => {
      const leaf = new X509Certificate(x5chain[0]);
      const trusts = (raw) => leaf.verify(new X509Certificate(raw).publicKey);
      if (!trustedCertificates.some(trusts)) throw new Error("nobody vouches for the signer");
    },
    getCertificateData: async ({ certificate }) => {
      const x509 = new X509Certificate(certificate);
      const [notBefore, notAfter] = [new Date(x509.validFrom), new Date(x509.validTo)];
      const { issuer: issuerName, subject: subjectName, serialNumber, fingerprint: thumbprint } = x509;
      return { issuerName, subjectName, serialNumber, thumbprint, notBefore, notAfter, pem: x509.toString() };
    },
  },
};

test("@animo-id/mdoc verifies mso_mdoc: signature, chain and digests", async () => {
  const mdoc = animo.parseIssuerSigned(new Uint8Array(licence), DOCTYPE);
  const failed = [];
  const onCheckG = ({ status, check, reason }) => status === "FAILED" && failed.push([check, reason]);
  const verifier = new animo.Verifier();
  const { issuerAuth } = mdoc.issuerSigned;
  const trustedCertificates = [new Uint8Array(root.raw)];
  const by = { trustedCertificates, issuerAuth, disableCertificateChainValidation: false, now: new Date(), onCheckG };
  await verifier.verifyIssuerSignature(by, context);
  await verifier.verifyData({ mdoc, onCheckG }, context);
  assert.deepEqual(failed, []);
});
