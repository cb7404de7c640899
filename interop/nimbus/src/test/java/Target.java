import static org.junit.jupiter.api.Assertions.assertEquals;

import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import net.minidev.json.JSONObject;

/** A server to drive: one that `serve.mjs` starts, its metadata, and a person with a browser. */
final class Target {
  final OIDCProviderMetadata metadata;
  private final Process process;
  private final Map<String, Object> at;
  private final SSLSocketFactory trust;

  Target(String name) throws Exception {
    Path serve = Path.of("..", "relying-party", "serve.mjs");
    process = new ProcessBuilder("node", serve.toString(), name)
        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    at = JSONObjectUtils.parse(new BufferedReader(new InputStreamReader(process.getInputStream())).readLine());
    trust = trusting((String) at.get("ca"));
    Issuer issuer = new Issuer((String) at.get("issuer"));
    metadata = OIDCProviderMetadata.parse(get(OIDCProviderMetadata.resolveURL(issuer).toURI()).getBodyAsJSONObject());
    assertEquals(issuer, metadata.getIssuer());
  }

  void stop() throws Exception {
    process.getOutputStream().close();
    process.waitFor();
  }

  /** What `serve.mjs` says of the server. */
  String said(String name) {
    return (String) at.get(name);
  }

  JSONObject told(String name) throws Exception {
    return JSONObjectUtils.getJSONObject(new JSONObject(at), name);
  }

  HTTPResponse send(HTTPRequest request) throws Exception {
    request.setSSLSocketFactory(trust);
    return request.send();
  }

  HTTPResponse get(URI url) throws Exception {
    return send(new HTTPRequest(HTTPRequest.Method.GET, url));
  }

  /** Where the browser comes out when a person has signed in and agreed; without a client, at the last page. */
  URI answered(URI request, String client) throws Exception {
    JSONObject body = new JSONObject(Map.of("url", request.toString()));
    if (client != null) body.put("client", client);
    HttpRequest post = HttpRequest.newBuilder(URI.create(said("person")))
        .POST(HttpRequest.BodyPublishers.ofString(body.toJSONString())).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(post, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return URI.create((String) JSONObjectUtils.parse(answer.body()).get("url"));
  }

  static SSLSocketFactory trusting(String pem) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (FileInputStream in = new FileInputStream(pem)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context.getSocketFactory();
  }
}
