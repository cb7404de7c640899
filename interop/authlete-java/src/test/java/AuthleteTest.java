import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.authlete.common.api.AuthleteApi;
import com.authlete.common.api.AuthleteApiException;
import com.authlete.common.api.AuthleteApiFactory;
import com.authlete.common.conf.AuthleteSimpleConfiguration;
import com.authlete.common.dto.*;
import com.authlete.common.types.*;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Maven's com.authlete:authlete-java-common, which calls Version 2 of the API by itself. For Version 3 it wants
 * authlete-java-jaxrs or authlete-java-jakarta of recent years, which the repository that this was made with lacks:
 * 2.13, the one it has, knows Version 2 alone.
 */
class AuthleteTest {
  private static final String CALLBACK = "https://client.example/cb";
  private static Process server;
  private static AuthleteApi api;
  private static Client client;
  private static String issuer;
  private static long key;

  @BeforeAll
  static void start() throws Exception {
    Path script = Path.of("..", "api.mjs");
    server = new ProcessBuilder("node", script.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var line = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8)).readLine();
    var at = JsonParser.parseString(line).getAsJsonObject();
    key = at.get("key").getAsLong();
    issuer = at.get("issuer").getAsString();
    api = AuthleteApiFactory.create(new AuthleteSimpleConfiguration()
        .setBaseUrl(at.get("base").getAsString())
        .setServiceApiKey(at.get("key").getAsString())
        .setServiceApiSecret(at.get("secret").getAsString())
        .setServiceOwnerApiKey(at.get("owner").getAsString())
        .setServiceOwnerApiSecret(at.get("ownerSecret").getAsString()));
    client = api.createClient(metadata("Driver"));
  }

  @AfterAll
  static void stop() throws Exception {
    server.getOutputStream().close();
    server.waitFor();
  }

  private static Client metadata(String name) {
    return new Client()
        .setClientName(name)
        .setClientType(ClientType.CONFIDENTIAL)
        .setGrantTypes(new GrantType[] {
          GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.CLIENT_CREDENTIALS, GrantType.CIBA,
          GrantType.DEVICE_CODE, GrantType.TOKEN_EXCHANGE, GrantType.JWT_BEARER
        })
        .setExtension(new ClientExtension().setTokenExchangePermitted(true))
        .setResponseTypes(new ResponseType[] {ResponseType.CODE})
        .setRedirectUris(new String[] {CALLBACK})
        .setTokenAuthMethod(ClientAuthMethod.CLIENT_SECRET_BASIC)
        .setBcDeliveryMode(DeliveryMode.POLL)
        .setIdTokenSignAlg(JWSAlg.ES256);
  }

  private static String form(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String id() {
    return Long.toString(client.getClientId());
  }

  private static TokenResponse token(Map<String, String> parameters) {
    return api.token(new TokenRequest()
        .setParameters(form(parameters)).setClientId(id()).setClientSecret(client.getClientSecret()));
  }

  private static String code(String scope, String more) {
    var asked = form(Map.of("response_type", "code", "client_id", id(), "redirect_uri", CALLBACK, "scope", scope));
    var answer = api.authorization(new AuthorizationRequest().setParameters(asked + more));
    assertEquals(AuthorizationResponse.Action.INTERACTION, answer.getAction());
    var issued = api.authorizationIssue(
        new AuthorizationIssueRequest().setTicket(answer.getTicket()).setSubject("john").setSessionId("s1"));
    assertEquals(AuthorizationIssueResponse.Action.LOCATION, issued.getAction());
    var code = issued.getResponseContent().replaceAll(".*[?&]code=([^&]*).*", "$1");
    return URLDecoder.decode(code, StandardCharsets.UTF_8);
  }

  private static TokenResponse redeemed(String scope, String more) {
    var issued = token(Map.of(
        "grant_type", "authorization_code", "code", code(scope, more), "redirect_uri", CALLBACK));
    assertEquals(TokenResponse.Action.OK, issued.getAction());
    return issued;
  }

  private static boolean opens(String token) {
    return api.introspection(new IntrospectionRequest().setToken(token)).getAction()
        == IntrospectionResponse.Action.OK;
  }

  @Test
  void codeAndRefresh() {
    var issued = redeemed("openid orders:read", "");
    assertNotNull(issued.getIdToken());
    assertTrue(opens(issued.getAccessToken()));
    var again = token(Map.of("grant_type", "refresh_token", "refresh_token", issued.getRefreshToken()));
    assertEquals(TokenResponse.Action.OK, again.getAction());
    assertTrue(!opens(issued.getAccessToken()));
  }

  @Test
  void management() {
    var service = api.getService(key);
    assertEquals(key, service.getApiKey());
    var second = api.createService(new Service().setServiceName("Second"));
    assertEquals("Renamed", api.updateService(second.setServiceName("Renamed")).getServiceName());
    assertEquals(2, api.getServiceList().getTotalCount());
    api.deleteService(second.getApiKey());
    var other = api.createClient(metadata("Other"));
    assertEquals("Renamed", api.updateClient(other.setClientName("Renamed")).getClientName());
    var refreshed = api.refreshClientSecret(other.getClientId());
    assertNotEquals(refreshed.getOldClientSecret(), refreshed.getNewClientSecret());
    // With the credentials of the owner, which name no service.
    api.deleteClient(other.getClientId());
    var gone = assertThrows(AuthleteApiException.class, () -> api.getClient(other.getClientId()));
    assertEquals(404, gone.getStatusCode());
  }

  @Test
  void backchannel() {
    var asked = api.backchannelAuthentication(new BackchannelAuthenticationRequest()
        .setParameters(form(Map.of("scope", "openid", "login_hint", "john")))
        .setClientId(id()).setClientSecret(client.getClientSecret()));
    assertEquals(BackchannelAuthenticationResponse.Action.USER_IDENTIFICATION, asked.getAction());
    var issued = api.backchannelAuthenticationIssue(
        new BackchannelAuthenticationIssueRequest().setTicket(asked.getTicket()));
    var poll = Map.of("grant_type", "urn:openid:params:grant-type:ciba", "auth_req_id", issued.getAuthReqId());
    assertTrue(token(poll).getResponseContent().contains("authorization_pending"));
    api.backchannelAuthenticationComplete(new BackchannelAuthenticationCompleteRequest()
        .setTicket(asked.getTicket())
        .setResult(BackchannelAuthenticationCompleteRequest.Result.AUTHORIZED)
        .setSubject("john"));
    assertEquals(TokenResponse.Action.OK, token(poll).getAction());
  }

  @Test
  void device() {
    var asked = api.deviceAuthorization(new DeviceAuthorizationRequest()
        .setParameters("scope=openid").setClientId(id()).setClientSecret(client.getClientSecret()));
    assertEquals(DeviceAuthorizationResponse.Action.OK, asked.getAction());
    var seen = api.deviceVerification(new DeviceVerificationRequest().setUserCode(asked.getUserCode()));
    assertEquals(DeviceVerificationResponse.Action.VALID, seen.getAction());
    api.deviceComplete(new DeviceCompleteRequest()
        .setUserCode(asked.getUserCode()).setResult(DeviceCompleteRequest.Result.AUTHORIZED).setSubject("john"));
    var issued = token(Map.of(
        "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", asked.getDeviceCode()));
    assertEquals(TokenResponse.Action.OK, issued.getAction());
  }

  @Test
  void tokens() {
    var made = api.tokenCreate(new TokenCreateRequest()
        .setGrantType(GrantType.CLIENT_CREDENTIALS).setClientId(client.getClientId())
        .setScopes(new String[] {"orders:read"}));
    assertTrue(opens(made.getAccessToken()));
    api.tokenUpdate(new TokenUpdateRequest()
        .setAccessToken(made.getAccessToken()).setScopes(new String[] {"orders:write"}));
    var listed = Arrays.stream(api.getTokenList(id(), null, 0, 100).getAccessTokens());
    assertTrue(listed.anyMatch(token -> Arrays.asList(token.getScopes()).contains("orders:write")));
    api.tokenDelete(made.getAccessToken());
    assertTrue(!opens(made.getAccessToken()));
  }

  @Test
  void whatIsSaidOfAToken() {
    var token = redeemed("openid orders:read", "").getAccessToken();
    assertEquals("john", api.userinfo(new UserInfoRequest().setToken(token)).getSubject());
    var said = api.userinfoIssue(new UserInfoIssueRequest().setToken(token));
    assertEquals("{\"sub\":\"john\"}", said.getResponseContent());
    var form = form(Map.of("token", token));
    var found = api.standardIntrospection(new StandardIntrospectionRequest().setParameters(form));
    assertTrue(JsonParser.parseString(found.getResponseContent()).getAsJsonObject().get("active").getAsBoolean());
    var granted = api.getGrantedScopes(client.getClientId(), "john").getLatestGrantedScopes();
    assertTrue(Arrays.asList(granted).contains("orders:read"));
    api.revocation(new RevocationRequest()
        .setParameters(form).setClientId(id()).setClientSecret(client.getClientSecret()));
    assertTrue(!opens(token));
  }

  @Test
  void refusals() {
    var asked = api.backchannelAuthentication(new BackchannelAuthenticationRequest()
        .setParameters(form(Map.of("scope", "openid", "login_hint", "nobody")))
        .setClientId(id()).setClientSecret(client.getClientSecret()));
    var unknown = api.backchannelAuthenticationFail(new BackchannelAuthenticationFailRequest()
        .setTicket(asked.getTicket()).setReason(BackchannelAuthenticationFailRequest.Reason.UNKNOWN_USER_ID));
    assertTrue(unknown.getResponseContent().contains("unknown_user_id"));
    var begun = api.deviceAuthorization(new DeviceAuthorizationRequest()
        .setParameters("scope=openid").setClientId(id()).setClientSecret(client.getClientSecret()));
    api.deviceComplete(new DeviceCompleteRequest()
        .setUserCode(begun.getUserCode()).setResult(DeviceCompleteRequest.Result.ACCESS_DENIED).setSubject("john"));
    var refused = token(Map.of(
        "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", begun.getDeviceCode()));
    assertTrue(refused.getResponseContent().contains("access_denied"));
  }

  /** What the authorization server makes, when it has judged what it was asked. */
  private static String madeForJohn(GrantType grant, TokenResponse asked) {
    return api.tokenCreate(new TokenCreateRequest()
        .setGrantType(grant).setClientId(asked.getClientId()).setSubject("john").setScopes(asked.getScopes()))
        .getAccessToken();
  }

  @Test
  void tokenExchange() {
    var asked = token(Map.of(
        "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token", redeemed("openid orders:read", "").getAccessToken(),
        "subject_token_type", "urn:ietf:params:oauth:token-type:access_token",
        "scope", "orders:read"));
    assertEquals(TokenResponse.Action.TOKEN_EXCHANGE, asked.getAction());
    assertEquals("john", asked.getSubjectTokenInfo().getSubject());
    assertEquals("openid", asked.getSubjectTokenInfo().getScopes()[0].getName());
    assertTrue(opens(madeForJohn(GrantType.TOKEN_EXCHANGE, asked)));
  }

  private static TokenResponse brought(String audience) {
    var claims = "{\"iss\":\"https://idp.example\",\"sub\":\"john\",\"aud\":\"%s\",\"exp\":%d}"
        .formatted(audience, System.currentTimeMillis() / 1000 + 60);
    // The signature is for the authorization server to judge.
    var assertion = Stream.of("{\"alg\":\"ES256\"}", claims, "s".repeat(64))
        .map(part -> Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining("."));
    return token(Map.of(
        "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", assertion, "scope", "orders:read"));
  }

  @Test
  void jwtBearer() {
    var asked = brought(issuer);
    assertEquals(TokenResponse.Action.JWT_BEARER, asked.getAction());
    assertTrue(opens(madeForJohn(GrantType.JWT_BEARER, asked)));
    assertTrue(brought("https://other.example").getResponseContent().contains("invalid_grant"));
  }

  @Test
  void nativeSso() {
    var asked = token(Map.of(
        "grant_type", "authorization_code", "code", code("openid device_sso", ""), "redirect_uri", CALLBACK));
    assertEquals(TokenResponse.Action.NATIVE_SSO, asked.getAction());
    assertEquals("s1", asked.getSessionId());
    var issued = api.nativeSso(
        new NativeSsoRequest().setAccessToken(asked.getAccessToken()).setRefreshToken(asked.getRefreshToken()).setDeviceSecret("d1"), null);
    assertEquals(NativeSsoResponse.Action.OK, issued.getAction(), issued.getResultMessage());
    assertTrue(issued.getResponseContent().contains("\"device_secret\":\"d1\""));
    assertTrue(opens(asked.getAccessToken()));
    assertEquals(1, api.nativeSsoLogout(new NativeSsoLogoutRequest().setSessionId("s1"), null).getCount());
    assertTrue(!opens(asked.getAccessToken()));
  }

  @Test
  void grants() {
    var issued = redeemed(
        "openid grant_management_query grant_management_revoke", "&grant_management_action=create");
    var grant = JsonParser.parseString(issued.getResponseContent()).getAsJsonObject().get("grant_id").getAsString();
    var request = new GMRequest().setGrantId(grant).setAccessToken(issued.getAccessToken());
    assertEquals(GMResponse.Action.OK, api.gm(request.setGmAction(GMAction.QUERY)).getAction());
    assertEquals(GMResponse.Action.NO_CONTENT, api.gm(request.setGmAction(GMAction.REVOKE)).getAction());
    assertTrue(!opens(issued.getAccessToken()));
  }
}
