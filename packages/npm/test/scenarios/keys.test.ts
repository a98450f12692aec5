import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Authenticator, type InspectedPart, inspect, testRoot } from 'stuntkey';
import { callText } from 'stuntkey/door';
import { expect } from 'vitest';
import { creationOptions, login, ORIGIN, registered, requestOptions } from '../options.js';
import { scenario } from '../scenario.js';

scenario('export-and-import', async () => {
  const { key, record } = await registered();
  const exported = key.credentials.export('webdriver');
  expect(exported).toMatchObject([{ credentialId: record.id, isResidentCredential: true }]);
  const other = new Authenticator();
  expect(other.credentials.import(exported).imported).toBe(1);
  const request = requestOptions();
  expect(await other.at(ORIGIN).get(request)).toBeVerifiedAuthentication(login(request, record));
  expect(key.credentials.export('playwright')[0]?.id).toBe(record.id);
  expect(key.credentials.export('pkcs8')[0]).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(key.credentials.remove({ id: record.id })).toBe(1);
  expect(other.credentials.clear()).toBe(1);
});

scenario('added-credential', async () => {
  const key = new Authenticator();
  const userHandle = Buffer.from('grace');
  const added = key.credentials.add({ rpId: 'example.com', userHandle, userName: 'grace' });
  expect(key).toHaveCredential({ userName: 'grace' });
  const request = requestOptions();
  const authentication = await key.at(ORIGIN).get(request);
  const record = {
    id: added.id,
    publicKey: added.publicKey,
    userHandle: userHandle.toString('base64url'),
  };
  expect(authentication).toBeVerifiedAuthentication(login(request, record));
});

scenario('inspect', async () => {
  const registration = await new Authenticator().at(ORIGIN).create(creationOptions());
  const { kind, tree } = inspect(registration.response.attestationObject);
  expect(kind).toBe('attestation object');
  const all = (part: InspectedPart): InspectedPart[] => [
    part,
    ...(part.children ?? []).flatMap(all),
  ];
  const aaguid = all(tree).find(({ name }) => name === 'aaguid');
  expect(aaguid?.value).toContain(registration.authenticatorData.aaguid);
});

scenario('root-and-metadata', () => {
  const key = new Authenticator();
  const root = new X509Certificate(key.rootCertificate);
  expect(root.ca).toBe(true);
  expect(key.rootCertificate).toBe(testRoot());
  expect(new Authenticator({ seed: '42' }).rootCertificate).toBe(testRoot({ seed: '42' }));
  const statement = key.metadata();
  expect(statement.attestationRootCertificates).toEqual([root.raw.toString('base64')]);
  expect(key.metadataBlob('ES256').split('.')).toHaveLength(3);
});

scenario('same-seed-same-bytes', () => {
  const file = new URL('../../../transcript.json', import.meta.url);
  const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as {
    exchanges: { request: { op: string }; answer: string }[];
  };
  expect(exchanges.length).toBeGreaterThan(100);
  let client: string | undefined;
  for (const { request, answer } of exchanges) {
    const found = callText(JSON.stringify(request).replaceAll('"$client"', client ?? '"$client"'));
    if (request.op === 'client.new') {
      client = /^\{"ok":\{"client":(\d+)\}\}$/.exec(found)?.[1] ?? client;
    }
    const said = client === undefined ? found : found.replaceAll(client, () => '$client');
    expect(said).toBe(answer);
  }
});
