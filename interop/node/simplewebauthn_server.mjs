// @simplewebauthn/server behind the FIDO conformance REST binding; see ../python/fido_binding.py.
//
// What the library leaves to the application is done as its documentation does it (simplewebauthn.dev,
// version 14: packages/server and advanced/passkeys), and where that is silent as its example does it
// (github.com/MasterKale/SimpleWebAuthn, example/index.ts).

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import {
  SettingsService,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { COSEALG } from '@simplewebauthn/server/helpers';

const RP_ID = 'localhost';
const FORMATS = ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'];
const LONGEST_BODY = 1 << 24;

// Those of example/fido-conformance.ts, and ML-DSA where this runtime has it.
const algorithms = [-7, -8, -35, -36, -37, -38, -39, -257, -258, -259, -65535];
if (SettingsService.runtimeSupportsPQC()) {
  algorithms.push(COSEALG.ML_DSA_44, COSEALG.ML_DSA_65, COSEALG.ML_DSA_87);
}

// What the relying party refuses; the message is for the client.
class Refused extends Error {}

const passkeys = [];
const sessions = new Map();
let origin;

const endpoints = new Map([
  ['/attestation/options', attestationOptions],
  ['/attestation/result', attestationResult],
  ['/assertion/options', assertionOptions],
  ['/assertion/result', assertionResult],
]);

async function attestationOptions(session, body) {
  const username = text(body, 'username');
  const options = await library(() =>
    generateRegistrationOptions({
      rpName: 'Example',
      rpID: RP_ID,
      // No userID: the documentation leaves it to the library, which makes a new one for every registration.
      userName: username,
      userDisplayName: body.displayName,
      attestationType: body.attestation,
      excludeCredentials: descriptors(username),
      authenticatorSelection: body.authenticatorSelection,
      extensions: body.extensions,
      supportedAlgorithmIDs: algorithms,
    }),
  );
  session.registration = { username, options };
  return options;
}

async function attestationResult(session, body) {
  const { username, options } = take(session, 'registration');
  const { verified, registrationInfo } = await library(() =>
    verifyRegistrationResponse({
      response: body,
      expectedChallenge: options.challenge,
      expectedOrigin: origin,
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

async function assertionOptions(session, body) {
  const username = body.username ? text(body, 'username') : undefined;
  const allowCredentials = username ? descriptors(username) : [];
  if (username && !allowCredentials.length) throw new Refused(`there is no user ${username}`);
  const options = await library(() =>
    generateAuthenticationOptions({
      rpID: RP_ID,
      allowCredentials,
      userVerification: body.userVerification,
      extensions: body.extensions,
    }),
  );
  session.authentication = { username, options };
  return options;
}

async function assertionResult(session, body) {
  const { username, options } = take(session, 'authentication');
  // The documentation looks for the credential id among the user's passkeys, or among all if there is no user
  // name; it leaves the user handle alone.
  const passkey = passkeys.find(({ id, ...of }) => id === body.id && (!username || of.username === username));
  if (!passkey) throw new Refused(`Could not find passkey ${body.id} for user ${username}`);
  const { verified, authenticationInfo } = await library(() =>
    verifyAuthenticationResponse({
      response: body,
      expectedChallenge: options.challenge,
      expectedOrigin: origin,
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

function text(body, member) {
  if (typeof body[member] !== 'string' || !body[member]) throw new Refused(`${member} is missing`);
  return body[member];
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

async function ask(session, request) {
  const endpoint = endpoints.get(request.url);
  const data = await read(request).catch(() => {
    throw new Refused('the request broke off');
  });
  if (request.method !== 'POST' || !endpoint) throw new Refused(`there is no ${request.url}`);
  let body;
  try {
    body = JSON.parse(data);
  } catch (error) {
    throw new Refused(describe(error));
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new Refused('the body is not a JSON object');
  }
  // The library demands rawId, which the binding leaves out.
  if (request.url.endsWith('/result') && !('rawId' in body)) body.rawId = body.id;
  return endpoint(session, body);
}

// What is too long is cut off, and so no JSON.
async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function sessionOf(request, response) {
  const named = /(?:^|; *)session=([\w-]+)/.exec(request.headers.cookie)?.[1];
  if (sessions.has(named)) return sessions.get(named);
  const identifier = randomBytes(32).toString('base64url');
  sessions.set(identifier, {});
  response.setHeader('Set-Cookie', `session=${identifier}; Path=/; HttpOnly`);
  return sessions.get(identifier);
}

async function answer(request, response) {
  let members = {};
  let errorMessage = '';
  try {
    members = await ask(sessionOf(request, response), request);
  } catch (error) {
    const refused = error instanceof Refused;
    if (!refused) console.error(error);
    response.statusCode = refused ? 400 : 500;
    errorMessage = refused ? error.message : 'this server is at fault';
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ ...members, status: errorMessage ? 'failed' : 'ok', errorMessage }));
}

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, root: { type: 'string' } },
});
if (values.root) {
  // With the end of its last line: android-key roots are compared as texts.
  const certificates = readFileSync(values.root, 'utf8').match(/-----BEGIN [^]+?-----END .+\n/g);
  for (const identifier of FORMATS) SettingsService.setRootCertificates({ identifier, certificates });
}
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.resolve('@simplewebauthn/server'))),
);
// No time limit for idle connections: a client may be about to use one.
const server = createServer({ keepAliveTimeout: 0 }, answer).listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address();
  origin = `http://localhost:${port}`;
  console.log(`SimpleWebAuthn ${version} http://127.0.0.1:${port}`);
});
process.stdin.on('end', () => process.exit()).resume();
