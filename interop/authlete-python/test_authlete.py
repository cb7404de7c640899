"""PyPI authlete against both versions of our API: management, code flow, CIBA, device flow, tokens, grant management,
and what the authorization server has to judge itself. The package has no calls for native SSO."""

import base64
import json
import pathlib
import subprocess
import time
import unittest
from urllib.parse import parse_qs, urlencode, urlparse

from authlete.api import AuthleteApiException, AuthleteApiImpl
from authlete.conf import AuthleteConfiguration
from authlete.dto import (
    AuthorizationAction,
    AuthorizationIssueRequest,
    AuthorizationRequest,
    BackchannelAuthenticationAction,
    BackchannelAuthenticationCompleteRequest,
    BackchannelAuthenticationFailRequest,
    BackchannelAuthenticationIssueRequest,
    BackchannelAuthenticationRequest,
    Client,
    DeviceAuthorizationAction,
    DeviceAuthorizationRequest,
    DeviceCompleteRequest,
    DeviceVerificationAction,
    DeviceVerificationRequest,
    GrantManagementAction,
    GrantManagementRequest,
    IntrospectionAction,
    IntrospectionRequest,
    RevocationRequest,
    Service,
    StandardIntrospectionRequest,
    TokenAction,
    TokenCreateRequest,
    TokenRequest,
    TokenRevokeRequest,
    TokenUpdateRequest,
    UserInfoIssueRequest,
    UserInfoRequest,
)

API = pathlib.Path(__file__).parent.parent / "api.mjs"
CALLBACK = "https://client.example/cb"
METADATA = {
    "clientName": "Driver",
    "clientType": "CONFIDENTIAL",
    "grantTypes": [
        "AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "CIBA", "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER",
    ],
    "extension": {"tokenExchangePermitted": True},
    "responseTypes": ["CODE"],
    "redirectUris": [CALLBACK],
    "tokenAuthMethod": "CLIENT_SECRET_BASIC",
    "bcDeliveryMode": "POLL",
    "idTokenSignAlg": "ES256",
}


class Driver:
    """The tests; a class for each version runs them."""

    version = ""

    @classmethod
    def setUpClass(cls):
        command = ["node", str(API)]
        cls.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        at = json.loads(cls.process.stdout.readline())
        said = {"apiVersion": cls.version, "baseUrl": at["base"], "serviceApiKey": at["key"]}
        if cls.version == "V3":
            said["serviceAccessToken"] = at["token"]
        else:
            said |= {
                "serviceApiSecret": at["secret"],
                "serviceOwnerApiKey": at["owner"],
                "serviceOwnerApiSecret": at["ownerSecret"],
            }
        cls.api = AuthleteApiImpl(AuthleteConfiguration(said))
        cls.key, cls.issuer = at["key"], at["issuer"]
        made = cls.api.createClient(Client(METADATA))
        cls.client, cls.id, cls.secret = made, str(made.clientId), made.clientSecret

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.wait(30)
        cls.process.stdout.close()

    def token(self, **parameters):
        said = {"parameters": urlencode(parameters), "clientId": self.id, "clientSecret": self.secret}
        return self.api.token(TokenRequest(said))

    def code(self, **more):
        asked = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": CALLBACK,
            "scope": "openid orders:read",
            "state": "s",
        } | more
        answer = self.api.authorization(AuthorizationRequest({"parameters": urlencode(asked)}))
        self.assertEqual(answer.action, AuthorizationAction.INTERACTION)
        issued = self.api.authorizationIssue(
            AuthorizationIssueRequest({"ticket": answer.ticket, "subject": "john"})
        )
        said = parse_qs(urlparse(issued.responseContent).query)
        self.assertEqual(said["state"], ["s"])
        return said["code"][0]

    def redeemed(self, **more):
        answer = self.token(grant_type="authorization_code", code=self.code(**more), redirect_uri=CALLBACK)
        self.assertEqual(answer.action, TokenAction.OK)
        return answer

    def opens(self, token):
        return self.api.introspection(IntrospectionRequest({"token": token})).action == IntrospectionAction.OK

    def test_code_refresh_and_introspection(self):
        issued = self.redeemed()
        self.assertTrue(json.loads(issued.responseContent)["id_token"])
        self.assertTrue(self.opens(issued.accessToken))
        again = self.token(grant_type="refresh_token", refresh_token=issued.refreshToken)
        self.assertEqual(again.action, TokenAction.OK)
        self.assertFalse(self.opens(issued.accessToken))
        wrong = self.token(grant_type="authorization_code", code="x", redirect_uri=CALLBACK)
        self.assertEqual(wrong.action, TokenAction.BAD_REQUEST)

    def test_clients(self):
        client = self.api.createClient(Client(METADATA | {"clientName": "Other"}))
        client.clientName = "Renamed"
        self.assertEqual(self.api.updateClient(client).clientName, "Renamed")
        self.assertEqual(self.api.getClient(client.clientId).clientName, "Renamed")
        self.assertGreaterEqual(self.api.getClientList().totalCount, 2)
        refreshed = self.api.refreshClientSecret(str(client.clientId))
        self.assertNotEqual(refreshed.newClientSecret, refreshed.oldClientSecret)
        self.api.setRequestableScopes(client.clientId, ["openid"])
        self.assertEqual(self.api.getRequestableScopes(client.clientId), ["openid"])
        self.api.deleteClient(client.clientId)
        with self.assertRaises(AuthleteApiException) as raised:
            self.api.getClient(client.clientId)
        self.assertEqual(raised.exception.response.status_code, 404)

    def test_the_service(self):
        service = self.api.getService(self.key)
        self.assertEqual(str(service.apiKey), self.key)
        self.assertIn("token_endpoint", json.loads(self.api.getServiceConfiguration()))
        self.assertTrue(json.loads(self.api.getServiceJwks())["keys"])

    def test_ciba(self):
        parameters = urlencode({"scope": "openid", "login_hint": "john"})
        said = {"parameters": parameters, "clientId": self.id, "clientSecret": self.secret}
        asked = self.api.backchannelAuthentication(BackchannelAuthenticationRequest(said))
        self.assertEqual(asked.action, BackchannelAuthenticationAction.USER_IDENTIFICATION)
        issued = self.api.backchannelAuthenticationIssue(
            BackchannelAuthenticationIssueRequest({"ticket": asked.ticket})
        )
        poll = {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": issued.authReqId}
        self.assertIn("authorization_pending", self.token(**poll).responseContent)
        self.api.backchannelAuthenticationComplete(
            BackchannelAuthenticationCompleteRequest(
                {"ticket": asked.ticket, "result": "AUTHORIZED", "subject": "john"}
            )
        )
        self.assertEqual(self.token(**poll).action, TokenAction.OK)

    def test_device(self):
        said = {"parameters": "scope=openid", "clientId": self.id, "clientSecret": self.secret}
        asked = self.api.deviceAuthorization(DeviceAuthorizationRequest(said))
        self.assertEqual(asked.action, DeviceAuthorizationAction.OK)
        poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked.deviceCode}
        self.assertIn("authorization_pending", self.token(**poll).responseContent)
        seen = self.api.deviceVerification(DeviceVerificationRequest({"userCode": asked.userCode}))
        self.assertEqual(seen.action, DeviceVerificationAction.VALID)
        self.api.deviceComplete(
            DeviceCompleteRequest({"userCode": asked.userCode, "result": "AUTHORIZED", "subject": "john"})
        )
        self.assertEqual(self.token(**poll).action, TokenAction.OK)

    def test_tokens(self):
        wanted = {"grantType": "CLIENT_CREDENTIALS", "clientId": self.client.clientId, "scopes": ["orders:read"]}
        made = self.api.tokenCreate(TokenCreateRequest(wanted))
        self.assertTrue(self.opens(made.accessToken))
        self.api.tokenUpdate(TokenUpdateRequest({"accessToken": made.accessToken, "scopes": ["orders:write"]}))
        listed = self.api.getTokenList(self.id, start=0, end=100)
        self.assertTrue(any(token.scopes == ["orders:write"] for token in listed.accessTokens))
        self.api.tokenDelete(made.accessToken)
        self.assertFalse(self.opens(made.accessToken))
        # The list of a user's clients is left out: the package cannot read any answer to it.
        token = self.redeemed().accessToken
        self.api.deleteClientAuthorization(self.client.clientId, "john")
        self.assertFalse(self.opens(token))

    def test_what_is_said_of_a_token(self):
        token = self.redeemed().accessToken
        asked = self.api.userinfo(UserInfoRequest({"token": token}))
        self.assertEqual(asked.subject, "john")
        said = self.api.userinfoIssue(UserInfoIssueRequest({"token": token, "claims": '{"email":"j@example.com"}'}))
        self.assertEqual(json.loads(said.responseContent)["sub"], "john")
        form = urlencode({"token": token})
        found = self.api.standardIntrospection(StandardIntrospectionRequest({"parameters": form}))
        self.assertTrue(json.loads(found.responseContent)["active"])
        self.assertIn("orders:read", self.api.getGrantedScopes(self.client.clientId, "john").latestGrantedScopes)
        ended = {"parameters": form, "clientId": self.id, "clientSecret": self.secret}
        self.api.revocation(RevocationRequest(ended))
        self.assertFalse(self.opens(token))
        other = self.redeemed().accessToken
        self.api.tokenRevoke(TokenRevokeRequest({"clientIdentifier": self.id}))
        self.assertFalse(self.opens(other))

    def test_refusals(self):
        said = {"clientId": self.id, "clientSecret": self.secret}
        unknown = said | {"parameters": urlencode({"scope": "openid", "login_hint": "nobody"})}
        asked = self.api.backchannelAuthentication(BackchannelAuthenticationRequest(unknown))
        failed = {"ticket": asked.ticket, "reason": "UNKNOWN_USER_ID"}
        answer = self.api.backchannelAuthenticationFail(BackchannelAuthenticationFailRequest(failed))
        self.assertIn("unknown_user_id", answer.responseContent)
        begun = self.api.deviceAuthorization(DeviceAuthorizationRequest(said | {"parameters": "scope=openid"}))
        refused = {"userCode": begun.userCode, "result": "ACCESS_DENIED", "subject": "john"}
        self.api.deviceComplete(DeviceCompleteRequest(refused))
        poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun.deviceCode}
        self.assertIn("access_denied", self.token(**poll).responseContent)

    def made_for_john(self, asked):
        """What the authorization server makes, when it has judged what it was asked."""
        wanted = {"grantType": asked.grantType.name, "clientId": self.client.clientId, "subject": "john"}
        return self.api.tokenCreate(TokenCreateRequest(wanted | {"scopes": asked.scopes})).accessToken

    def test_token_exchange(self):
        asked = self.token(
            grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=self.redeemed().accessToken,
            subject_token_type="urn:ietf:params:oauth:token-type:access_token",
            scope="orders:read",
        )
        self.assertEqual(asked.action, TokenAction.TOKEN_EXCHANGE)
        self.assertEqual(asked.subjectTokenInfo.subject, "john")
        self.assertEqual([scope.name for scope in asked.subjectTokenInfo.scopes], ["openid", "orders:read"])
        self.assertTrue(self.opens(self.made_for_john(asked)))

    def test_jwt_bearer(self):
        def encoded(value):
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

        def brought(audience):
            claims = {"iss": "https://idp.example", "sub": "john", "aud": audience, "exp": int(time.time()) + 60}
            # The signature is for the authorization server to judge.
            parts = [json.dumps({"alg": "ES256"}).encode(), json.dumps(claims).encode(), b"s" * 64]
            assertion = ".".join(map(encoded, parts))
            grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
            return self.token(grant_type=grant, assertion=assertion, scope="orders:read")

        asked = brought(self.issuer)
        self.assertEqual(asked.action, TokenAction.JWT_BEARER)
        self.assertTrue(self.opens(self.made_for_john(asked)))
        self.assertIn("invalid_grant", brought("https://other.example").responseContent)

    def test_grants(self):
        issued = self.redeemed(
            scope="openid orders:read grant_management_query grant_management_revoke",
            grant_management_action="create",
        )
        grant = json.loads(issued.responseContent)["grant_id"]
        asked = {"grantId": grant, "accessToken": issued.accessToken}
        shown = self.api.gm(GrantManagementRequest(asked | {"gmAction": "QUERY"}))
        self.assertEqual(shown.action, GrantManagementAction.OK)
        self.assertIn("orders:read", shown.responseContent)
        # The package lacks the published action of an answer without content.
        with self.assertRaisesRegex(KeyError, "NO_CONTENT"):
            self.api.gm(GrantManagementRequest(asked | {"gmAction": "REVOKE"}))
        self.assertFalse(self.opens(issued.accessToken))


class Version3(Driver, unittest.TestCase):
    version = "V3"


class Version2(Driver, unittest.TestCase):
    version = "V2"

    def test_services_of_the_owner(self):
        made = self.api.createService(Service({"serviceName": "Second"}))
        self.assertEqual(self.api.getService(made.apiKey).serviceName, "Second")
        self.assertEqual(self.api.getServiceList().totalCount, 2)
        made.serviceName = "Renamed"
        self.assertEqual(self.api.updateService(made).serviceName, "Renamed")
        self.api.deleteService(made.apiKey)
        self.assertEqual(self.api.getServiceList().totalCount, 1)


if __name__ == "__main__":
    unittest.main()
