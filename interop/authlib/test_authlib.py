"""PyPI Authlib against a certified server first, then against ours."""

import json
import pathlib
import subprocess
import time
import unittest
from urllib.parse import parse_qs, urlparse

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken, UserInfo

SERVE = pathlib.Path(__file__).parent.parent / "relying-party" / "serve.mjs"
CALLBACK = "https://client.example/cb"


class Driver:
    """The tests; a class for each target runs them."""

    target = ""

    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen(
            ["node", str(SERVE), cls.target], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        cls.at = json.loads(cls.process.stdout.readline())
        cls.http = requests.Session()
        # What the environment says of certificates would go before `verify`.
        cls.http.trust_env = False
        cls.http.verify = cls.at["ca"]
        cls.server = cls.http.get(cls.at["issuer"] + "/.well-known/openid-configuration").json()
        cls.keys = JsonWebKey.import_key_set(cls.http.get(cls.server["jwks_uri"]).json())

    @classmethod
    def tearDownClass(cls):
        cls.http.close()
        cls.process.stdin.close()
        cls.process.wait(30)
        cls.process.stdout.close()

    def session(self, method="client_secret_basic", **metadata):
        wanted = {
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": method,
            "id_token_signed_response_alg": "RS256",
            **metadata,
        }
        answer = self.http.post(self.server["registration_endpoint"], json=wanted)
        self.assertEqual(answer.status_code, 201, answer.text)
        client = answer.json()
        session = OAuth2Session(
            client["client_id"],
            client.get("client_secret"),
            token_endpoint_auth_method=method,
            redirect_uri=CALLBACK,
            scope="openid email offline_access",
            code_challenge_method="S256",
        )
        session.trust_env = False
        session.verify = self.at["ca"]
        self.addCleanup(session.close)
        return session

    def tokens(self, session):
        verifier, nonce = generate_token(48), generate_token()
        url, state = session.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, nonce=nonce, prompt="consent"
        )
        answer = requests.post(self.at["person"], json={"url": url, "client": "https://client.example/"})
        self.assertEqual(answer.status_code, 200, answer.text)
        back = answer.json()["url"]
        # RFC 9207: this answer is of this issuer.
        self.assertEqual(parse_qs(urlparse(back).query)["iss"], [self.server["issuer"]])
        token = session.fetch_token(
            self.server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        claims = JsonWebToken(["RS256"]).decode(
            token["id_token"],
            self.keys,
            claims_cls=CodeIDToken,
            claims_options={"iss": {"value": self.server["issuer"]}, "aud": {"value": session.client_id}},
            claims_params={"nonce": nonce, "client_id": session.client_id, "access_token": token["access_token"]},
        )
        claims.validate(now=int(time.time()), leeway=5)
        self.assertEqual(claims["sub"], "john")
        return token

    def test_code_userinfo_refresh_introspection_revocation(self):
        session = self.session()
        token = self.tokens(session)
        userinfo = UserInfo(session.get(self.server["userinfo_endpoint"]).json())
        self.assertEqual(userinfo.email, "john@example.com")
        again = session.refresh_token(self.server["token_endpoint"])
        self.assertNotEqual(again["access_token"], token["access_token"])
        found = session.introspect_token(self.server["introspection_endpoint"], token=again["access_token"]).json()
        self.assertTrue(found["active"])
        answer = session.revoke_token(
            self.server["revocation_endpoint"], token=again.get("refresh_token", token["refresh_token"])
        )
        self.assertEqual(answer.status_code, 200)
        found = session.introspect_token(self.server["introspection_endpoint"], token=again["access_token"]).json()
        self.assertFalse(found["active"])

    def test_secret_in_the_form(self):
        self.tokens(self.session("client_secret_post"))

    def test_private_key_jwt(self):
        key = JsonWebKey.generate_key("EC", "P-256", is_private=True, options={"kid": "k"})
        public = {**key.as_dict(is_private=False), "use": "sig", "alg": "ES256"}
        session = self.session(
            "private_key_jwt", jwks={"keys": [public]}, token_endpoint_auth_signing_alg="ES256"
        )
        session.client_secret = key.as_dict(is_private=True)
        session.register_client_auth_method(PrivateKeyJWT(self.server["token_endpoint"], alg="ES256"))
        self.tokens(session)


class Calibration(Driver, unittest.TestCase):
    target = "calibration"


class Placet(Driver, unittest.TestCase):
    target = "placet"


if __name__ == "__main__":
    unittest.main(verbosity=2)
