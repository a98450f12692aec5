// Checks stuntkey against @simplewebauthn/server. Usage: node simplewebauthn_peer.mjs STUNTKEY

import { readFileSync } from 'node:fs';

import {
  Checks,
  ORIGIN,
  OTHER_ORIGIN,
  OTHER_RP_ID,
  RP_ID,
  bytes,
  describe,
  exit,
  expect,
  lastBitFlipped,
  refusal,
  replacedOnce,
  withChanged,
} from './harness.mjs';

const missing = (error) => exit(`@simplewebauthn/server is not installed: ${error.message}`);
const {
  SettingsService,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} = await import('@simplewebauthn/server').catch(missing);
const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers').catch(missing);
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.resolve('@simplewebauthn/server'))),
);

const ANOTHER_CHALLENGE = Buffer.alloc(32, 7).toString('base64url');

// What is registered: the attestation asked for, stuntkey's flags, and what must come back.
const X5C = { attestation: 'direct', flags: [], fmt: 'packed', certificates: 1 };
const X5C_INTERMEDIATE = { ...X5C, flags: ['--attestation-intermediate'], certificates: 2 };
const SELF = { ...X5C, flags: ['--format', 'packed-self'], certificates: 0 };
const NONE = { attestation: 'none', flags: [], fmt: 'none', certificates: 0 };

// Without a certificate here the library would not look at the chain at all.
const trust = (pem) =>
  SettingsService.setRootCertificates({ identifier: 'packed', certificates: [pem] });

async function register(stuntkey, kind, { user = 'alice', flags = [] } = {}) {
  const options = await generateRegistrationOptions({
    rpName: 'Example',
    rpID: RP_ID,
    userID: Buffer.from(`the id of ${user}`),
    userName: user,
    attestationType: kind.attestation,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const reply = stuntkey.register(options, ...kind.flags, ...flags);
  const finish = ({ root = stuntkey.root(), ...changed } = {}) => {
    trust(root);
    return verifyRegistrationResponse({
      response: reply,
      expectedChallenge: options.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: true,
      ...changed,
    });
  };
  return { userId: options.user.id, reply, finish };
}

const statement = (reply) =>
  decodeAttestationObject(bytes(reply.response.attestationObject)).get('attStmt');

async function accepted(ceremony, changed) {
  const result = await ceremony.finish(changed);
  expect(result.verified === true, 'returned verified false');
  return result;
}

const credentialOf = async (registration) =>
  (await accepted(registration)).registrationInfo.credential;

async function signIn(stuntkey, credential, { discoverable = false, flags = [] } = {}) {
  const options = await generateAuthenticationOptions({
    rpID: RP_ID,
    allowCredentials: discoverable ? undefined : [{ id: credential.id }],
    userVerification: 'required',
  });
  const reply = stuntkey.authenticate(options, ...flags);
  const finish = (changed) =>
    verifyAuthenticationResponse({
      response: reply,
      expectedChallenge: options.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: true,
      credential,
      ...changed,
    });
  return { reply, finish };
}

async function acceptsRegistration(stuntkey, kind) {
  const registration = await register(stuntkey, kind);
  const { registrationInfo } = await accepted(registration);
  expect(registrationInfo.fmt === kind.fmt, `fmt is ${registrationInfo.fmt}`);
  expect(registrationInfo.userVerified, 'the user was not verified');
  const found = statement(registration.reply).get('x5c')?.length ?? 0;
  expect(found === kind.certificates, `x5c holds ${found} certificates`);
}

async function acceptsSignIns(stuntkey, kind) {
  const registration = await register(stuntkey, kind);
  const credential = await credentialOf(registration);
  const first = await signIn(stuntkey, credential, { discoverable: true });
  const { userHandle } = first.reply.response;
  expect(userHandle === registration.userId, `userHandle is ${userHandle}`);
  const count = (await accepted(first)).authenticationInfo.newCounter;
  const second = await signIn(stuntkey, credential);
  const changed = { credential: { ...credential, counter: count } };
  const risen = (await accepted(second, changed)).authenticationInfo.newCounter;
  expect(risen > count, `the counter went from ${count} to ${risen}`);
  return `counter ${credential.counter}, ${count}, ${risen}`;
}

async function acceptsAnotherSeed(stuntkey) {
  const seed = ['--seed', 'other'];
  const registration = await register(stuntkey, X5C, { flags: seed });
  await accepted(registration, { root: stuntkey.root(...seed) });
}

async function refusesAnotherRoot(stuntkey, kind) {
  const registration = await register(stuntkey, kind);
  await accepted(registration);
  const error = await refusal(
    () => registration.finish({ root: stuntkey.root('--seed', 'other') }),
    '(Packed|Full)',
  );
  const code = error.cause?.code;
  expect(code === 'CERTIFICATE_PATH_VERIFICATION_FAILED', `the cause is ${error.cause}`);
  return `${describe(error)}, ${code}`;
}

async function refusesRegistration(stuntkey, words, flags, changed) {
  const registration = await register(stuntkey, X5C, { flags });
  return describe(await refusal(() => registration.finish(changed), words));
}

async function refusesSignIn(stuntkey, words, flags, changed) {
  const credential = await credentialOf(await register(stuntkey, X5C));
  const ceremony = await signIn(stuntkey, credential, { flags });
  return describe(await refusal(() => ceremony.finish(changed), words));
}

// This library throws for every other refusal, but reports a bad signature in its result.
async function refusedAsUnverified(ceremony, changed) {
  const result = await ceremony.finish(changed);
  expect(result.verified === false, `returned verified ${result.verified}`);
  return 'returned verified false';
}

async function refusesCorruptedAttestation(stuntkey, kind) {
  const registration = await register(stuntkey, kind);
  await accepted(registration);
  const good = statement(registration.reply).get('sig');
  const corrupted = withChanged(registration.reply, 'attestationObject', (encoded) =>
    replacedOnce(encoded, good, lastBitFlipped(good)),
  );
  return refusedAsUnverified(registration, { response: corrupted });
}

async function refusesCorruptedSignature(stuntkey) {
  const credential = await credentialOf(await register(stuntkey, X5C));
  const ceremony = await signIn(stuntkey, credential);
  await accepted(ceremony);
  const corrupted = withChanged(ceremony.reply, 'signature', lastBitFlipped);
  return refusedAsUnverified(ceremony, { response: corrupted });
}

async function refusesAnOlderAssertion(stuntkey) {
  const credential = await credentialOf(await register(stuntkey, X5C));
  const older = await signIn(stuntkey, credential);
  await accepted(older);
  const newer = await accepted(await signIn(stuntkey, credential));
  const counter = newer.authenticationInfo.newCounter;
  return describe(
    await refusal(
      () => older.finish({ credential: { ...credential, counter } }),
      `was lower than expected ${counter}`,
    ),
  );
}

async function refusesAnotherKey(stuntkey) {
  const alice = await credentialOf(await register(stuntkey, X5C, { user: 'alice' }));
  const bob = await credentialOf(await register(stuntkey, X5C, { user: 'bob' }));
  const ceremony = await signIn(stuntkey, alice);
  await accepted(ceremony);
  return refusedAsUnverified(ceremony, { credential: { ...alice, publicKey: bob.publicKey } });
}

const checks = new Checks(`@simplewebauthn/server ${version}`);

for (const [name, kind] of [
  ['packed x5c under direct attestation, our root trusted', X5C],
  ['packed x5c through an issuing intermediate, our root trusted', X5C_INTERMEDIATE],
  ['packed self attestation', SELF],
  ['no attestation', NONE],
]) {
  await checks.check(`accepts ${name}`, acceptsRegistration, kind);
  await checks.check(
    `accepts a discoverable and a listed sign-in after ${name}`,
    acceptsSignIns,
    kind,
  );
}
await checks.check(
  "accepts packed x5c of another seed, that seed's root trusted",
  acceptsAnotherSeed,
);

await checks.check('refuses packed x5c, another root trusted', refusesAnotherRoot, X5C);
await checks.check(
  'refuses packed x5c through an issuing intermediate, another root trusted',
  refusesAnotherRoot,
  X5C_INTERMEDIATE,
);
await checks.check(
  'refuses packed x5c with its signature corrupted',
  refusesCorruptedAttestation,
  X5C,
);
await checks.check(
  'refuses packed self attestation with its signature corrupted',
  refusesCorruptedAttestation,
  SELF,
);

for (const [name, flags, changed, atRegistration, atSignIn] of [
  [
    'the reply to another challenge',
    [],
    { expectedChallenge: ANOTHER_CHALLENGE },
    'Unexpected registration response challenge',
    'Unexpected authentication response challenge',
  ],
  [
    'another origin',
    [],
    { expectedOrigin: OTHER_ORIGIN },
    'Unexpected registration response origin',
    'Unexpected authentication response origin',
  ],
  [
    'another RP ID',
    [],
    { expectedRPID: OTHER_RP_ID },
    'Unexpected RP ID hash',
    'Unexpected RP ID hash',
  ],
  [
    'a user not verified, verification required',
    ['--flag', 'uv=0'],
    {},
    'User verification was required',
    'User verification required',
  ],
  [
    'user presence clear',
    ['--flag', 'up=0'],
    {},
    'User presence was required',
    'User not present',
  ],
]) {
  await checks.check(
    `refuses a registration with ${name}`,
    refusesRegistration,
    atRegistration,
    flags,
    changed,
  );
  await checks.check(`refuses a sign-in with ${name}`, refusesSignIn, atSignIn, flags, changed);
}
await checks.check(
  'refuses a sign-in with its signature corrupted',
  refusesCorruptedSignature,
);
await checks.check(
  'refuses a sign-in older than the last one counted',
  refusesAnOlderAssertion,
);
await checks.check("refuses a sign-in under another credential's key", refusesAnotherKey);
checks.finish();
