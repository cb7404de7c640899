import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.ciba.CIBAError;
import com.nimbusds.oauth2.sdk.ciba.CIBAGrant;
import com.nimbusds.oauth2.sdk.ciba.CIBARequest;
import com.nimbusds.oauth2.sdk.ciba.CIBARequestAcknowledgement;
import com.nimbusds.oauth2.sdk.ciba.CIBAResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationGrantError;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.device.DeviceCodeGrant;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The grants beyond the code flow: devices, CIBA, token exchange. */
class GrantsTest {
  private static Target server;
  private static ClientAuthentication auth;

  @BeforeAll
  static void start() throws Exception {
    server = new Target("placet");
    var client = server.told("client");
    auth = new ClientSecretBasic(
        new ClientID(client.getAsString("id")), new Secret(client.getAsString("secret")));
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  private static TokenResponse asked(TokenRequest.Builder request) throws Exception {
    return OIDCTokenResponseParser.parse(server.send(request.build().toHTTPRequest()));
  }

  private static TokenRequest.Builder request(AuthorizationGrant grant) {
    return new TokenRequest.Builder(server.metadata.getTokenEndpointURI(), auth, grant);
  }

  private static OIDCTokenResponse redeemed(AuthorizationGrant grant) throws Exception {
    TokenResponse response = asked(request(grant));
    assertTrue(response.indicatesSuccess(), () -> response.toErrorResponse().getErrorObject().toString());
    OIDCTokenResponse tokens = (OIDCTokenResponse) response.toSuccessResponse();
    JWKSet keys = JWKSet.parse(server.get(server.metadata.getJWKSetURI()).getBody());
    var validator = new IDTokenValidator(
        server.metadata.getIssuer(), auth.getClientID(), JWSAlgorithm.ES256, keys);
    assertEquals("john", validator.validate(tokens.getOIDCTokens().getIDToken(), null).getSubject().getValue());
    return tokens;
  }

  private static String error(AuthorizationGrant grant) throws Exception {
    return asked(request(grant)).toErrorResponse().getErrorObject().getCode();
  }

  private static DeviceAuthorizationSuccessResponse device() throws Exception {
    var wanted = new DeviceAuthorizationRequest.Builder(auth).scope(Scope.parse("openid email"))
        .endpointURI(server.metadata.getDeviceAuthorizationEndpointURI()).build();
    var response = DeviceAuthorizationResponse.parse(server.send(wanted.toHTTPRequest()));
    assertTrue(response.indicatesSuccess(), () -> response.toErrorResponse().getErrorObject().toString());
    return response.toSuccessResponse();
  }

  private static CIBAResponse backchannel(String scope, String user) throws Exception {
    var wanted = new CIBARequest.Builder(auth, Scope.parse(scope)).loginHint(user).bindingMessage("W4SCT")
        .endpointURI(server.metadata.getBackChannelAuthenticationEndpointURI()).build();
    return CIBAResponse.parse(server.send(wanted.toHTTPRequest()));
  }

  /** What the user says, for whom a test may answer. */
  private static void decide(CIBARequestAcknowledgement begun, String action) throws Exception {
    String query = "?auth_req_id=" + begun.getAuthRequestID().getValue() + "&action=" + action;
    URI url = URI.create(server.said("issuer") + "/backchannel_authentication/decide" + query);
    assertEquals(200, server.get(url).getStatusCode());
  }

  @Test
  void aDeviceThatItsUserConnects() throws Exception {
    var begun = device();
    assertNotNull(begun.getUserCode());
    var grant = new DeviceCodeGrant(begun.getDeviceCode());
    server.answered(begun.getVerificationURIComplete(), null);
    AccessToken access = redeemed(grant).getOIDCTokens().getAccessToken();
    HTTPRequest ask = new UserInfoRequest(server.metadata.getUserInfoEndpointURI(), access).toHTTPRequest();
    var userinfo = UserInfoResponse.parse(server.send(ask)).toSuccessResponse().getUserInfo();
    assertEquals("john@example.com", userinfo.getEmailAddress());
    assertEquals(OAuth2Error.INVALID_GRANT_CODE, error(grant));
  }

  @Test
  void aDeviceThatWaits() throws Exception {
    var grant = new DeviceCodeGrant(device().getDeviceCode());
    assertEquals(DeviceAuthorizationGrantError.AUTHORIZATION_PENDING.getCode(), error(grant));
    assertEquals(DeviceAuthorizationGrantError.SLOW_DOWN.getCode(), error(grant));
  }

  @Test
  void aPersonWhoIsAskedBehindTheirBack() throws Exception {
    var begun = backchannel("openid", "john").toRequestAcknowledgement();
    decide(begun, "allow");
    redeemed(new CIBAGrant(begun.getAuthRequestID()));
    var refused = backchannel("openid", "john").toRequestAcknowledgement();
    decide(refused, "deny");
    assertEquals(OAuth2Error.ACCESS_DENIED_CODE, error(new CIBAGrant(refused.getAuthRequestID())));
    var unknown = backchannel("openid", "nobody").toErrorResponse().getErrorObject();
    assertEquals(CIBAError.UNKNOWN_USER_ID.getCode(), unknown.getCode());
  }

  @Test
  void aTokenForOneThatIsLess() throws Exception {
    var begun = backchannel("openid orders:read orders:write", "john").toRequestAcknowledgement();
    decide(begun, "allow");
    AccessToken first = redeemed(new CIBAGrant(begun.getAuthRequestID())).getOIDCTokens().getAccessToken();
    var grant = new TokenExchangeGrant(first, TokenTypeURI.ACCESS_TOKEN);
    URI resource = URI.create(server.said("resource").replace("/orders", ""));
    Tokens less = asked(request(grant).scope(Scope.parse("orders:read")).resources(resource))
        .toSuccessResponse().getTokens();
    AccessToken second = less.getAccessToken();
    assertEquals(TokenTypeURI.ACCESS_TOKEN, second.getIssuedTokenType());
    assertEquals(Scope.parse("orders:read"), second.getScope());
    assertNull(less.getRefreshToken());
    HTTPRequest orders = new HTTPRequest(HTTPRequest.Method.GET, URI.create(server.said("resource")));
    orders.setAuthorization(second.toAuthorizationHeader());
    assertEquals("john", server.send(orders).getBodyAsJSONObject().get("of"));
    // RFC 8693 §2.2.2
    var nonsense = new TokenExchangeGrant(new BearerAccessToken("x"), TokenTypeURI.ACCESS_TOKEN);
    assertEquals(OAuth2Error.INVALID_REQUEST_CODE, error(nonsense));
  }
}
