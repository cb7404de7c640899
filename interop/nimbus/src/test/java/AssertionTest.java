import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.oauth2.sdk.JWTBearerGrant;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.assertions.jwt.JWTAssertionDetails;
import com.nimbusds.oauth2.sdk.assertions.jwt.JWTAssertionFactory;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.Subject;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import net.minidev.json.JSONObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** JWTs of an identity provider as grants (RFC 7523 §2.1). */
class AssertionTest {
  private static Target server;
  private static JSONObject provider;
  private static ECKey key;

  @BeforeAll
  static void start() throws Exception {
    server = new Target("asserting");
    provider = server.told("identityProvider");
    key = ECKey.parse((JSONObject) provider.get("jwk"));
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  private static JWTBearerGrant assertion(String subject, ECKey by) throws Exception {
    var details = new JWTAssertionDetails(
        new Issuer(provider.getAsString("issuer")), new Subject(subject), new Audience(server.metadata.getIssuer()));
    var jwt = JWTAssertionFactory.create(
        details, JWSAlgorithm.ES256, by.toECPrivateKey(), key.getKeyID(), null);
    return new JWTBearerGrant(jwt);
  }

  private static TokenResponse brought(JWTBearerGrant grant) throws Exception {
    var client = server.told("client");
    var auth = new ClientSecretBasic(
        new ClientID(client.getAsString("id")), new Secret(client.getAsString("secret")));
    var request = new TokenRequest.Builder(server.metadata.getTokenEndpointURI(), auth, grant)
        .scope(Scope.parse("openid email")).build();
    return TokenResponse.parse(server.send(request.toHTTPRequest()));
  }

  private static String error(JWTBearerGrant grant) throws Exception {
    return brought(grant).toErrorResponse().getErrorObject().getCode();
  }

  @Test
  void aTokenForTheUser() throws Exception {
    var grant = assertion("john", key);
    var tokens = brought(grant).toSuccessResponse().getTokens();
    assertEquals(Scope.parse("openid email"), tokens.getAccessToken().getScope());
    assertNull(tokens.getRefreshToken());
    var ask = new UserInfoRequest(server.metadata.getUserInfoEndpointURI(), tokens.getAccessToken());
    var userinfo = UserInfoResponse.parse(server.send(ask.toHTTPRequest())).toSuccessResponse().getUserInfo();
    assertEquals("john@example.com", userinfo.getEmailAddress());
    assertEquals(OAuth2Error.INVALID_GRANT_CODE, error(grant));
  }

  @Test
  void refused() throws Exception {
    assertEquals(OAuth2Error.INVALID_GRANT_CODE, error(assertion("nobody", key)));
    var other = new ECKeyGenerator(Curve.P_256).generate();
    assertEquals(OAuth2Error.INVALID_GRANT_CODE, error(assertion("john", other)));
  }
}
