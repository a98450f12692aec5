// @simplewebauthn/server as a relying party that `stuntkey conform --command` can play.
//
//     simplewebauthn_adapter.mjs [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
//     simplewebauthn_adapter.mjs --version        prints the library's name and version
//
// docs/conform.md says what the lines are.
//
// What the library leaves to the application is done as its documentation does it (simplewebauthn.dev,
// version 14: packages/server and advanced/passkeys), and where that is silent as its example does it
// (github.com/MasterKale/SimpleWebAuthn, example/index.ts).

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import {
  SettingsService,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { COSEALG } from '@simplewebauthn/server/helpers';

const RP_ID = 'example.org';
const ORIGIN = 'https://example.org';
const FORMATS = ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'];

// Those of example/fido-conformance.ts, and ML-DSA where this runtime has it.
const algorithms = [-7, -8, -35, -36, -37, -38, -39, -257, -258, -259, -65535];
if (SettingsService.runtimeSupportsPQC()) {
  algorithms.push(COSEALG.ML_DSA_44, COSEALG.ML_DSA_65, COSEALG.ML_DSA_87);
}

// What the relying party refuses, and why.
class Refused extends Error {}

const passkeys = [];
const sessions = new Map();

const tasks = {
  'registration options': registrationOptions,
  'registration result': registrationResult,
  'authentication options': authenticationOptions,
  'authentication result': authenticationResult,
};

async function registrationOptions(session, { username, ...wanted }) {
  const options = await library(() =>
    generateRegistrationOptions({
      rpName: 'Example',
      rpID: RP_ID,
      // No userID: the documentation leaves it to the library, which makes a new one for every registration.
      userName: username,
      userDisplayName: wanted.displayName,
      attestationType: wanted.attestation,
      excludeCredentials: descriptors(username),
      authenticatorSelection: {
        residentKey: wanted.residentKey,
        userVerification: wanted.userVerification,
      },
      extensions: wanted.extensions,
      supportedAlgorithmIDs: algorithms,
    }),
  );
  session.registration = { username, options };
  return options;
}

async function registrationResult(session, { reply }) {
  const { username, options } = take(session, 'registration');
  const { verified, registrationInfo } = await library(() =>
    verifyRegistrationResponse({
      response: reply,
      expectedChallenge: options.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: isRequired(options.authenticatorSelection.userVerification),
      supportedAlgorithmIDs: algorithms,
    }),
  );
  if (!verified) throw new Refused('verified: false');
  // The example asks whether this user has the credential, and not whether another one has.
  const { id, publicKey, counter, transports } = registrationInfo.credential;
  if (!passkeys.some((passkey) => passkey.username === username && passkey.id === id)) {
    passkeys.push({ username, id, publicKey, counter, transports });
  }
}

async function authenticationOptions(session, { username, userVerification }) {
  const allowCredentials = username ? descriptors(username) : [];
  if (username && !allowCredentials.length) throw new Refused(`there is no user ${username}`);
  const options = await library(() =>
    generateAuthenticationOptions({ rpID: RP_ID, allowCredentials, userVerification }),
  );
  session.authentication = { username, options };
  return options;
}

async function authenticationResult(session, { reply }) {
  const { username, options } = take(session, 'authentication');
  // The documentation looks for the credential id among the user's passkeys, or among all if there is no user
  // name; it leaves the user handle alone.
  const passkey = passkeys.find(({ id, ...of }) => id === reply.id && (!username || of.username === username));
  if (!passkey) throw new Refused(`Could not find passkey ${reply.id} for user ${username}`);
  const { verified, authenticationInfo } = await library(() =>
    verifyAuthenticationResponse({
      response: reply,
      expectedChallenge: options.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      credential: passkey,
      requireUserVerification: isRequired(options.userVerification),
    }),
  );
  if (!verified) throw new Refused('verified: false');
  passkey.counter = authenticationInfo.newCounter;
}

// advanced/passkeys: with `userVerification: 'required'`, `requireUserVerification: true`; else false.
function isRequired(userVerification) {
  return userVerification === 'required';
}

// "Make sure to delete the challenge so it can't be reused, even if verification fails" (advanced/passkeys).
function take(session, ceremony) {
  const pending = session[ceremony];
  if (!pending) throw new Refused(`no ${ceremony} is pending`);
  delete session[ceremony];
  return pending;
}

function descriptors(username) {
  const own = passkeys.filter((passkey) => passkey.username === username);
  return own.map(({ id, transports }) => ({ id, transports }));
}

// What the library throws is a refusal of its own.
async function library(call) {
  try {
    return await call();
  } catch (error) {
    throw new Refused(describe(error));
  }
}

function describe(error) {
  const text = `${error.name}: ${error.message}`;
  return error.cause ? `${text} (${describe(error.cause)})` : text;
}

async function answer(request) {
  try {
    if (!sessions.has(request.session)) sessions.set(request.session, {});
    const { reply = {} } = request;
    if (reply === null || typeof reply !== 'object' || Array.isArray(reply)) {
      throw new Refused('the reply is not a JSON object');
    }
    const accepted = await tasks[request.do](sessions.get(request.session), request);
    return { accepted: accepted ?? {} };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    console.error(error);
    return { crashed: describe(error) };
  }
}

const { values } = parseArgs({ options: { root: { type: 'string' }, version: { type: 'boolean' } } });
if (values.version) {
  const file = new URL('../package.json', import.meta.resolve('@simplewebauthn/server'));
  console.log(`SimpleWebAuthn ${JSON.parse(readFileSync(file)).version}`);
  process.exit();
}
if (values.root) {
  // With the end of its last line: android-key roots are compared as texts.
  const certificates = readFileSync(values.root, 'utf8').match(/-----BEGIN [^]+?-----END .+\n/g);
  for (const identifier of FORMATS) SettingsService.setRootCertificates({ identifier, certificates });
}
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
