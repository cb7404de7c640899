import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.PushedAuthorizationRequest;
import com.nimbusds.oauth2.sdk.PushedAuthorizationResponse;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseMode;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.AuthenticationSuccessResponse;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.Prompt;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.rp.OIDCClientInformation;
import com.nimbusds.openid.connect.sdk.rp.OIDCClientInformationResponse;
import com.nimbusds.openid.connect.sdk.rp.OIDCClientMetadata;
import com.nimbusds.openid.connect.sdk.rp.OIDCClientRegistrationRequest;
import com.nimbusds.openid.connect.sdk.rp.OIDCClientRegistrationResponseParser;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.nimbusds.oauth2.sdk.jarm.JARMValidator;
import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Maven's com.nimbusds:oauth2-oidc-sdk against a certified server first, then against ours. */
class NimbusTest {
  private static final URI CALLBACK = URI.create("https://client.example/cb");

  @Nested
  class Calibration extends Driver {
    Calibration() {
      super("calibration");
    }
  }

  @Nested
  class Placet extends Driver {
    Placet() {
      super("placet");
    }
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class Driver {
    private final String name;
    private Target target;
    private OIDCProviderMetadata server;

    Driver(String name) {
      this.name = name;
    }

    @BeforeAll
    void start() throws Exception {
      target = new Target(name);
      server = target.metadata;
    }

    @AfterAll
    void stop() throws Exception {
      target.stop();
    }

    private HTTPResponse send(HTTPRequest request) throws Exception {
      return target.send(request);
    }

    private OIDCClientInformation register(OIDCClientMetadata wanted) throws Exception {
      wanted.setRedirectionURI(CALLBACK);
      wanted.setGrantTypes(Set.of(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN));
      wanted.setResponseTypes(Set.of(ResponseType.CODE));
      wanted.setIDTokenJWSAlg(JWSAlgorithm.RS256);
      var request = new OIDCClientRegistrationRequest(server.getRegistrationEndpointURI(), wanted, null);
      var response = OIDCClientRegistrationResponseParser.parse(send(request.toHTTPRequest()));
      assertTrue(response.indicatesSuccess(), () -> response.toErrorResponse().getErrorObject().toString());
      return ((OIDCClientInformationResponse) response.toSuccessResponse()).getOIDCClientInformation();
    }

    private URI answered(URI request) throws Exception {
      return target.answered(request, "https://client.example/");
    }

    private record Asked(AuthenticationRequest request, CodeVerifier verifier, State state, Nonce nonce) {}

    private Asked asked(OIDCClientInformation client, ResponseMode mode) {
      CodeVerifier verifier = new CodeVerifier();
      State state = new State();
      Nonce nonce = new Nonce();
      var request = new AuthenticationRequest.Builder(
          ResponseType.CODE, Scope.parse("openid email offline_access"), client.getID(), CALLBACK)
          .endpointURI(server.getAuthorizationEndpointURI()).state(state).nonce(nonce).responseMode(mode)
          .prompt(new Prompt(Prompt.Type.CONSENT)).codeChallenge(verifier, CodeChallengeMethod.S256).build();
      return new Asked(request, verifier, state, nonce);
    }

    private AuthorizationCode code(AuthenticationResponse response, Asked asked) {
      assertTrue(response.indicatesSuccess(), () -> response.toErrorResponse().getErrorObject().toString());
      AuthenticationSuccessResponse success = response.toSuccessResponse();
      assertEquals(asked.state(), success.getState());
      return success.getAuthorizationCode();
    }

    private OIDCTokenResponse tokens(
        OIDCClientInformation client, ClientAuthentication auth, Asked asked, AuthorizationCode code, String proof)
        throws Exception {
      AuthorizationGrant grant = new AuthorizationCodeGrant(code, CALLBACK, asked.verifier());
      HTTPRequest request = new TokenRequest.Builder(server.getTokenEndpointURI(), auth, grant).build().toHTTPRequest();
      if (proof != null) request.setDPoP(SignedJWT.parse(proof));
      var response = OIDCTokenResponseParser.parse(send(request));
      assertTrue(response.indicatesSuccess(), () -> response.toErrorResponse().getErrorObject().toString());
      OIDCTokenResponse tokens = (OIDCTokenResponse) response.toSuccessResponse();
      JWKSet keys = JWKSet.parse(target.get(server.getJWKSetURI()).getBody());
      IDTokenValidator validator = new IDTokenValidator(server.getIssuer(), client.getID(), JWSAlgorithm.RS256, keys);
      assertEquals("john", validator.validate(tokens.getOIDCTokens().getIDToken(), asked.nonce()).getSubject().getValue());
      return tokens;
    }

    private OIDCClientMetadata withSecret() {
      OIDCClientMetadata metadata = new OIDCClientMetadata();
      metadata.setTokenEndpointAuthMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
      return metadata;
    }

    @Test
    void codeUserinfoRefreshIntrospectionRevocation() throws Exception {
      OIDCClientInformation client = register(withSecret());
      var auth = new ClientSecretBasic(client.getID(), client.getSecret());
      Asked asked = asked(client, null);
      var response = AuthenticationResponseParser.parse(answered(asked.request().toURI()));
      assertEquals(server.getIssuer(), response.getIssuer());
      OIDCTokenResponse tokens = tokens(client, auth, asked, code(response, asked), null);
      AccessToken access = tokens.getOIDCTokens().getAccessToken();

      var userinfo = UserInfoResponse.parse(send(new UserInfoRequest(server.getUserInfoEndpointURI(), access).toHTTPRequest()));
      assertEquals("john@example.com", userinfo.toSuccessResponse().getUserInfo().getEmailAddress());

      var grant = new RefreshTokenGrant(tokens.getOIDCTokens().getRefreshToken());
      var refreshed = OIDCTokenResponseParser.parse(
          send(new TokenRequest.Builder(server.getTokenEndpointURI(), auth, grant).build().toHTTPRequest()));
      AccessToken second = refreshed.toSuccessResponse().getTokens().getAccessToken();
      assertTrue(introspected(auth, second));
      HTTPResponse revoked = send(
          new TokenRevocationRequest(server.getRevocationEndpointURI(), auth, second).toHTTPRequest());
      assertEquals(200, revoked.getStatusCode());
      assertFalse(introspected(auth, second));
    }

    private boolean introspected(ClientAuthentication auth, AccessToken token) throws Exception {
      var request = new TokenIntrospectionRequest(server.getIntrospectionEndpointURI(), auth, token);
      return TokenIntrospectionResponse.parse(send(request.toHTTPRequest())).toSuccessResponse().isActive();
    }

    @Test
    void pushedWithPrivateKeyJwtAndDPoP() throws Exception {
      ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.ES256).generate();
      OIDCClientMetadata wanted = new OIDCClientMetadata();
      wanted.setTokenEndpointAuthMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT);
      wanted.setTokenEndpointAuthJWSAlg(JWSAlgorithm.ES256);
      wanted.setJWKSet(new JWKSet(key.toPublicJWK()));
      OIDCClientInformation client = register(wanted);
      Asked asked = asked(client, null);
      var push = new PushedAuthorizationRequest(
          server.getPushedAuthorizationRequestEndpointURI(), assertion(client, key), asked.request());
      var pushed = PushedAuthorizationResponse.parse(send(push.toHTTPRequest()));
      assertTrue(pushed.indicatesSuccess(), () -> pushed.toErrorResponse().getErrorObject().toString());
      URI url = new AuthenticationRequest.Builder(pushed.toSuccessResponse().getRequestURI(), client.getID())
          .endpointURI(server.getAuthorizationEndpointURI()).build().toURI();
      AuthorizationCode code = code(AuthenticationResponseParser.parse(answered(url)), asked);

      ECKey own = new ECKeyGenerator(Curve.P_256).generate();
      var proofs = new DefaultDPoPProofFactory(own, JWSAlgorithm.ES256);
      String proof = proofs.createDPoPJWT("POST", server.getTokenEndpointURI()).serialize();
      OIDCTokenResponse tokens = tokens(client, assertion(client, key), asked, code, proof);
      DPoPAccessToken access = tokens.getOIDCTokens().getDPoPAccessToken();
      HTTPRequest request = new UserInfoRequest(server.getUserInfoEndpointURI(), access).toHTTPRequest();
      request.setDPoP(proofs.createDPoPJWT("GET", server.getUserInfoEndpointURI(), access));
      var userinfo = UserInfoResponse.parse(send(request));
      assertTrue(userinfo.indicatesSuccess());
      assertEquals("john", userinfo.toSuccessResponse().getUserInfo().getSubject().getValue());
    }

    private PrivateKeyJWT assertion(OIDCClientInformation client, ECKey key) throws Exception {
      return new PrivateKeyJWT(client.getID(), server.getTokenEndpointURI(), JWSAlgorithm.ES256, key.toECPrivateKey(), "k", null);
    }

    @Test
    void signedResponse() throws Exception {
      OIDCClientMetadata wanted = withSecret();
      wanted.setAuthorizationJWSAlg(JWSAlgorithm.RS256);
      OIDCClientInformation client = register(wanted);
      Asked asked = asked(client, ResponseMode.QUERY_JWT);
      JWKSet keys = JWKSet.parse(target.get(server.getJWKSetURI()).getBody());
      JARMValidator validator = new JARMValidator(server.getIssuer(), client.getID(), JWSAlgorithm.RS256, keys);
      var response = AuthenticationResponseParser.parse(answered(asked.request().toURI()), validator);
      var auth = new ClientSecretBasic(client.getID(), client.getSecret());
      tokens(client, auth, asked, code(response, asked), null);
    }
  }
}
