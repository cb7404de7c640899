import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import com.nimbusds.openid.connect.sdk.federation.api.ResolveStatement;
import com.nimbusds.openid.connect.sdk.federation.entities.EntityID;
import com.nimbusds.openid.connect.sdk.federation.entities.EntityStatement;
import com.nimbusds.openid.connect.sdk.federation.entities.EntityType;
import com.nimbusds.openid.connect.sdk.federation.trust.EntityStatementRetriever;
import com.nimbusds.openid.connect.sdk.federation.trust.ResolveException;
import com.nimbusds.openid.connect.sdk.federation.trust.TrustChain;
import com.nimbusds.openid.connect.sdk.federation.trust.TrustChainResolver;
import com.nimbusds.openid.connect.sdk.federation.trust.constraints.TrustChainConstraints;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;
import net.minidev.json.JSONObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenID Federation 1.0: a chain from a service of the engine over two authorities of {@code placet federation}. */
class FederationTest {
  private static final String OP = "https://op.example";
  private static final Path PLACET = Path.of(System.getenv().getOrDefault("PLACET_BINARY", "../../target/debug/placet"));
  private static final List<Process> PROCESSES = new ArrayList<>();
  private static final Map<String, SSLSocketFactory> TRUST = new HashMap<>();
  private static final Map<String, String> ENV = new HashMap<>();
  private static final List<Path> CERTIFICATES = new ArrayList<>();
  private static Authority anchor;
  private static Authority intermediate;

  /** A running authority. */
  private record Authority(String id, JWKSet keys) {}

  @BeforeAll
  static void start() throws Exception {
    String keys = output("generate-keys", "ES256");
    String own = JWKSet.parse(keys).toPublicJWKSet().toString();
    int port = freePort();
    intermediate = authority(freePort(), "authority_hints = [\"https://localhost:" + port + "\"]\n"
        + subordinate(OP, own) + "[subordinates.metadata_policy.openid_provider]\n"
        + "organization_name = { value = \"By the intermediate\" }\n", null);
    Path ca = CERTIFICATES.get(0);
    anchor = authority(port, subordinate(intermediate.id(), intermediate.keys().toString())
        + "intermediate = true\nconstraints = { max_path_length = 1 }\n" + subordinate(OP, own), ca);
    service(keys);
  }

  private static String subordinate(String id, String keys) throws Exception {
    // A JWK Set is a flat object; TOML writes it with equals signs.
    List<String> inline = new ArrayList<>();
    for (var key : JWKSet.parse(keys).getKeys()) {
      inline.add(key.toJSONObject().entrySet().stream().map(e -> e.getKey() + " = \"" + e.getValue() + "\"")
          .collect(Collectors.joining(", ", "{ ", " }")));
    }
    return "[[subordinates]]\nentity_id = \"" + id + "\"\njwks = { keys = [" + String.join(", ", inline) + "] }\n";
  }

  private static Authority authority(int port, String file, Path trusted) throws Exception {
    Path folder = Files.createTempDirectory("placet-federation");
    Path at = Files.writeString(folder.resolve("federation.toml"), file);
    List<String> command = new ArrayList<>(List.of(PLACET.toString(), "federation", "--tls", "--dir",
        folder.toString(), "--file", at.toString(), "--listen", "127.0.0.1:" + port));
    if (trusted != null) command.addAll(List.of("--trust", trusted.toString()));
    var said = started(command);
    CERTIFICATES.add(folder.resolve("tls").resolve("ca.pem"));
    String id = said.get("Entity");
    TRUST.put(id, Target.trusting(folder.resolve("tls").resolve("ca.pem").toString()));
    return new Authority(id, JWKSet.parse(said.get("Keys")));
  }

  /** A process, and the first word of each line of its greeting with the rest. */
  private static Map<String, String> started(List<String> command) throws Exception {
    var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    PROCESSES.add(process);
    var lines = new BufferedReader(new InputStreamReader(process.getInputStream()));
    Map<String, String> said = new HashMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.trim().split("\\s+", 2);
      said.put(parts[0], parts.length > 1 ? parts[1] : "");
      if (line.contains("Ctrl-C")) break;
    }
    return said;
  }

  private static void service(String keys) throws Exception {
    Path folder = Files.createTempDirectory("placet-dev");
    started(List.of(PLACET.toString(), "dev", "--listen", "127.0.0.1:0", "--dir", folder.toString()));
    for (String line : Files.readAllLines(folder.resolve("env"))) {
      String[] pair = line.split("=", 2);
      if (pair.length == 2) ENV.put(pair[0], pair[1]);
    }
    var service = Map.of("serviceName", "OP", "issuer", OP, "jwks", output("generate-keys", "ES256"),
        "federationEnabled", true, "federationJwks", keys, "authorityHints", List.of(intermediate.id(), anchor.id()),
        "organizationName", "Of its own");
    called("service/update", "AUTHLETE_ORG_TOKEN", new JSONObject(service).toJSONString());
  }

  private static Map<String, Object> called(String path, String token, String body) throws Exception {
    var url = URI.create(ENV.get("AUTHLETE_BASE_URL") + "/api/" + ENV.get("AUTHLETE_SERVICE_ID") + "/" + path);
    var request = HttpRequest.newBuilder(url).header("Authorization", "Bearer " + ENV.get(token))
        .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
    var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return JSONObjectUtils.parse(answer.body());
  }

  private static String output(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(PLACET.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    for (Process process : PROCESSES) {
      process.destroy();
      process.waitFor();
    }
  }

  private static HTTPResponse get(String url, String authority) throws Exception {
    HTTPRequest request = new HTTPRequest(HTTPRequest.Method.GET, URI.create(url));
    request.setSSLSocketFactory(TRUST.get(authority));
    return request.send();
  }

  private static String asked(String parameter, String value) {
    return parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** The library's own reading of what is published; the service's configuration comes of the API, as its server has it. */
  private static final EntityStatementRetriever PUBLISHED = new EntityStatementRetriever() {
    @Override
    public EntityStatement fetchEntityConfiguration(EntityID target) throws ResolveException {
      try {
        if (target.getValue().equals(OP)) {
          var said = called("federation/configuration", "AUTHLETE_API_TOKEN", "{}");
          return EntityStatement.parse((String) said.get("responseContent"));
        }
        String url = target.getValue() + "/.well-known/openid-federation";
        return EntityStatement.parse(get(url, target.getValue()).getBody());
      } catch (Exception e) {
        throw new ResolveException(target + ": " + e, e);
      }
    }

    @Override
    public EntityStatement fetchEntityStatement(URI endpoint, EntityID issuer, EntityID subject)
        throws ResolveException {
      try {
        String url = endpoint + "?" + asked("sub", subject.getValue());
        return EntityStatement.parse(get(url, issuer.getValue()).getBody());
      } catch (Exception e) {
        throw new ResolveException(subject + ": " + e, e);
      }
    }
  };

  /**
   * From the service to the anchor. The library looks for further superiors in what an intermediate says of its subordinates, where
   * drafts had them and the specification has nothing (§3.1.2), so that it finds no longer chain by itself.
   */
  @Test
  void aChainIsResolved() throws Exception {
    var anchors = Map.of(new EntityID(anchor.id()), anchor.keys());
    var resolver = new TrustChainResolver(anchors, TrustChainConstraints.NO_CONSTRAINTS, PUBLISHED);
    var chains = resolver.resolveTrustChains(new EntityID(OP));
    assertEquals(1, chains.size());
    var chain = chains.getShortest();
    assertEquals(anchor.id(), chain.getTrustAnchorEntityID().getValue());
    assertEquals(OP, chain.getLeafConfiguration().getClaimsSet().getOPMetadata().getIssuer().getValue());
  }

  /** Over the intermediate: signatures, and what its policy makes of the service's metadata. */
  @Test
  void aLongerChainIsVerified() throws Exception {
    var op = new EntityID(OP);
    var leaf = PUBLISHED.fetchEntityConfiguration(op);
    var chain = new TrustChain(leaf, List.of(said(intermediate, op), said(anchor, new EntityID(intermediate.id()))));
    chain.verifySignatures(anchor.keys());
    var policy = chain.resolveCombinedMetadataPolicy(EntityType.OPENID_PROVIDER);
    var metadata = policy.apply(leaf.getClaimsSet().getOPMetadata().toJSONObject());
    assertEquals("By the intermediate", metadata.get("organization_name"));
  }

  private static EntityStatement said(Authority superior, EntityID subordinate) throws Exception {
    var id = new EntityID(superior.id());
    var own = PUBLISHED.fetchEntityConfiguration(id).getClaimsSet().getFederationEntityMetadata();
    return PUBLISHED.fetchEntityStatement(own.getFederationFetchEndpointURI(), id, subordinate);
  }

  @Test
  void whatAnAuthorityHasResolvedIsRead() throws Exception {
    var url = anchor.id() + "/resolve?" + asked("sub", intermediate.id()) + "&" + asked("trust_anchor", anchor.id());
    var answer = get(url, anchor.id());
    assertEquals(200, answer.getStatusCode(), answer.getBody());
    var resolved = ResolveStatement.parse(answer.getBody());
    resolved.verifySignature(anchor.keys());
    assertEquals(intermediate.id(), resolved.getClaimsSet().getSubjectEntityID().getValue());
    assertNotNull(resolved.getClaimsSet().getFederationEntityMetadata());
    assertEquals(anchor.id(), resolved.getClaimsSet().getTrustChain().getTrustAnchorEntityID().getValue());
  }
}
