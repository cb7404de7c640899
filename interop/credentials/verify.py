"""What the wallet got, verified by published packages for Python."""

import base64
import json
import sys

import cbor2
import openvc
from cryptography import x509
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from openvc import cbor, mdoc
from openvc.status import CredentialRevoked, verify_status_list_token
from pymdoccbor.mdoc.verifier import MobileDocument
from sd_jwt.holder import SDJWTHolder
from sd_jwt.verifier import SDJWTVerifier

DOCTYPE = "org.iso.18013.5.1.mDL"

got = json.load(open(sys.argv[1], encoding="utf-8"))
root = x509.load_pem_x509_certificate(got["root"].encode())
credentials = got["credentials"]
licence = base64.urlsafe_b64decode(credentials["mdl"] + "==")
signer = JWK(**got["keys"]["keys"][0])
holder = JWK(**got["holder"])


def fetched(url, *_, **__):
    """What is published at the issuer."""
    return got["keys"] if url == got["jwtIssuer"]["jwks_uri"] else got["jwtIssuer"]


def listed(when):
    """The status list as it was at that time, verified."""

    def read(uri):
        token = got["statuses"][when]
        return verify_status_list_token(token, public_key_jwk=got["keys"]["keys"][0], expected_uri=uri)

    return read


def by_openvc():
    """All three formats, by the certificates, and by the metadata of the issuer."""
    for name, vct in [("identity", "urn:placet:demo:identity"), ("membership", None)]:
        policy = openvc.VerificationPolicy(expected_vct=vct)
        for trust in [
            {"x5c_trust_anchors": [root]},
            {"jwt_vc_issuer_fetch": fetched},
        ]:
            openvc.verify_credential(
                credentials[name], policy=policy, resolve_status_list_token=listed("after"), **trust
            )
    trust = {"policy": openvc.VerificationPolicy(), "x5c_trust_anchors": [root]}
    openvc.verify_credential(credentials["diploma"], resolve_status_list_token=listed("before"), **trust)
    try:
        openvc.verify_credential(credentials["diploma"], resolve_status_list_token=listed("after"), **trust)
        raise AssertionError("what was revoked counts")
    except CredentialRevoked:
        pass
    document = {"docType": DOCTYPE, "issuerSigned": cbor.decode(licence)}
    mdoc.verify_issuer_signed(document, expected_doc_type=DOCTYPE, trust_anchors=[root])


def by_sd_jwt():
    """dc+sd-jwt, and what the wallet shows of it."""
    verifier = SDJWTVerifier(credentials["diploma"], lambda *_: signer, None, None)
    assert verifier.get_verified_payload()["birthdate"] == "1984-02-29"
    wallet = SDJWTHolder(credentials["identity"])
    wallet.create_presentation(
        {"given_name": True, "address": {"country": True}},
        nonce="n",
        aud="https://verifier.example",
        holder_key=holder,
        sign_alg="ES256",
    )
    shown = SDJWTVerifier(wallet.sd_jwt_presentation, lambda *_: signer, "https://verifier.example", "n")
    payload = shown.get_verified_payload()
    assert payload["given_name"] == "John" and "family_name" not in payload, payload
    assert payload["address"] == {"country": "US"}, payload


def by_pymdoccbor():
    """mso_mdoc, and its elements."""
    document = MobileDocument(docType=DOCTYPE, issuerSigned=cbor2.loads(licence))
    assert document.verify(trusted_root_certs=[root])
    items = cbor2.loads(licence)["nameSpaces"]["org.iso.18013.5.1"]
    elements = {}
    for item in items:
        read = cbor2.loads(item.value)
        elements[read["elementIdentifier"]] = read["elementValue"]
    assert elements["family_name"] == "Smith", elements
    # RFC 8943: a full-date.
    assert str(getattr(elements["birth_date"], "value", elements["birth_date"])) == "1984-02-29", elements


def by_jwcrypto():
    """jwt_vc_json"""
    token = JWS()
    token.deserialize(credentials["membership"], signer)
    assert json.loads(token.payload)["vc"]["credentialSubject"]["given_name"] == "John"
    broken = credentials["membership"][:-4] + "AAAA"
    try:
        JWS().deserialize(broken, signer)
    except Exception:
        return
    raise AssertionError("another signature is one too")


for check in [by_openvc, by_sd_jwt, by_pymdoccbor, by_jwcrypto]:
    check()
    print(f"ok: {check.__name__}")
