// TLS as the servers speak it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { placet } from "./targets.mjs";

let server;
before(async () => (server = await placet()));
after(() => server.stop());

/** The protocol and the suite that come about; rejects when none does. */
function handshake(options) {
  const { hostname, port } = new URL(server.issuer);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, ca: server.ca, servername: hostname, ...options }, () => {
      resolve({ protocol: socket.getProtocol(), suite: socket.getCipher().standardName });
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

// shows RFC6749 3.1/tls FAPI1-Baseline 7.1/tls FAPI2-SP 5.6/tls
test("TLS 1.3 and 1.2 with forward secrecy, and nothing below", async () => {
  assert.equal((await handshake({})).protocol, "TLSv1.3");
  const older = await handshake({ maxVersion: "TLSv1.2" });
  assert.match(older.suite, /^TLS_ECDHE_RSA_WITH_(AES_(128|256)_GCM|CHACHA20_POLY1305)_/);
  const lax = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" };
  await assert.rejects(handshake({ ...lax, maxVersion: "TLSv1.1" }));
  await assert.rejects(handshake({ ...lax, maxVersion: "TLSv1.2", ciphers: "AES128-SHA:AES128-GCM-SHA256" }));
});
