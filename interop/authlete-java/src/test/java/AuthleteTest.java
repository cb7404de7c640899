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
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Maven's com.authlete:authlete-java-common, which calls Version 2 of the API by itself. */
class AuthleteTest {
  private static final String CALLBACK = "https://client.example/cb";
  private static Process server;
  private static AuthleteApi api;
  private static Client client;
  private static long key;

  @BeforeAll
  static void start() throws Exception {
    Path script = Path.of("..", "api.mjs");
    server = new ProcessBuilder("node", script.toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var line = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8)).readLine();
    var at = JsonParser.parseString(line).getAsJsonObject();
    key = at.get("key").getAsLong();
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
          GrantType.DEVICE_CODE
        })
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
        new AuthorizationIssueRequest().setTicket(answer.getTicket()).setSubject("john"));
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
    var listed = Arrays.stream(api.getTokenList(id(), null).getAccessTokens());
    assertTrue(listed.anyMatch(token -> Arrays.asList(token.getScopes()).contains("orders:write")));
    api.tokenDelete(made.getAccessToken());
    assertTrue(!opens(made.getAccessToken()));
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
