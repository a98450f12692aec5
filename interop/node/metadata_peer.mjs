// Checks stuntkey's metadata against @simplewebauthn/server. Usage: node metadata_peer.mjs STUNTKEY

import { readFileSync } from 'node:fs';

import { Checks, ORIGIN, RP_ID, bytes, expect, lastBitFlipped, refusal } from './harness.mjs';
import {
  MetadataService,
  SettingsService,
  generateRegistrationOptions,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { verifyMDSBlob } from '@simplewebauthn/server/helpers';

const AAGUID = '5354554e-544b-4559-8001-000000000001';
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.resolve('@simplewebauthn/server'))),
);

async function read(stuntkey, blob, root = stuntkey.root()) {
  SettingsService.setRootCertificates({ identifier: 'mds', certificates: [root] });
  return verifyMDSBlob(blob);
}

async function acceptsTheBlob(stuntkey, ...flags) {
  const { statements } = await read(stuntkey, stuntkey.metadata('--blob', ...flags).trim());
  expect(statements.length === 1 && statements[0].aaguid === AAGUID, 'the statement is another');
}

async function refusesAChangedBlob(stuntkey) {
  const [header, payload, signature] = stuntkey.metadata('--blob').trim().split('.');
  const changed = lastBitFlipped(bytes(signature)).toString('base64url');
  await refusal(() => read(stuntkey, [header, payload, changed].join('.')), 'signature');
}

async function refusesTheBlobOfAnotherRoot(stuntkey) {
  const blob = stuntkey.metadata('--blob', '--seed', 'other').trim();
  await refusal(() => read(stuntkey, blob), 'BLOB certificate path could not be validated');
}

async function register(stuntkey, ...flags) {
  const statement = JSON.parse(stuntkey.metadata());
  await MetadataService.initialize({ statements: [statement], mdsServers: [], verificationMode: 'strict' });
  const options = await generateRegistrationOptions({
    rpName: 'Example',
    rpID: RP_ID,
    userName: 'alice',
    attestationType: 'direct',
  });
  const result = await verifyRegistrationResponse({
    response: stuntkey.register(options, ...flags),
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
  });
  expect(result.verified, 'verified is false');
}

const refusesAnotherModel = (stuntkey) =>
  refusal(
    () => register(stuntkey, '--aaguid', '00112233-4455-6677-8899-aabbccddeeff'),
    'No metadata statement found',
  );

const checks = new Checks(`SimpleWebAuthn ${version} MDS`);
await checks.check('accepts the BLOB, signed by RS256', acceptsTheBlob);
await checks.check('accepts the BLOB, signed by ES256', acceptsTheBlob, '--blob-alg', 'ES256');
await checks.check('refuses a BLOB with another signature', refusesAChangedBlob);
await checks.check('refuses a BLOB under another root', refusesTheBlobOfAnotherRoot);
await checks.check('accepts a registration whose model the statement has', register);
await checks.check('refuses a registration whose model no statement has', refusesAnotherModel);
checks.finish();
