// Starts node-oidc-provider with a configuration, shows that a client gets a token there, and writes the configuration as
// JSON: node node-oidc-provider.mjs FILE
import { writeFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const configuration = {
  clients: [
    { client_id: 'job', client_secret: 'job-secret-of-the-old-server', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    { client_id: 'app', client_secret: 'app-secret-of-the-old-server', redirect_uris: ['https://app.test/cb'], scope: 'openid email' },
  ],
  scopes: ['openid', 'email'],
  ttl: { AccessToken: 600 },
  features: { clientCredentials: { enabled: true } },
};
const server = new Provider('http://127.0.0.1', configuration).listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('job:job-secret-of-the-old-server').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  if (!(await response.json()).access_token) throw new Error('no token there');
  writeFileSync(process.argv[2], JSON.stringify(configuration));
  process.exit(0);
});
