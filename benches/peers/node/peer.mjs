// Libraries in JavaScript beside stuntkey: `peer.mjs NAME` answers JSON lines, as ../README.md describes them.
//
// The names are SimpleWebAuthn, which verifies, and nid-webauthn-emulator, which is an authenticator. What a library
// leaves to the application is done as in interop/node.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

async function simpleWebAuthn({ registration, login, root, ...fixture }) {
  const { SettingsService, verifyAuthenticationResponse, verifyRegistrationResponse } = await import(
    '@simplewebauthn/server'
  );
  SettingsService.setRootCertificates({ identifier: 'packed', certificates: [root] });
  const expected = {
    expectedChallenge: fixture.challenge,
    expectedOrigin: fixture.origin,
    expectedRPID: fixture.rpId,
    requireUserVerification: false,
  };
  const verifyRegistration = async (reply) => {
    const response = JSON.parse(reply);
    return verifyRegistrationResponse({ response, supportedAlgorithmIDs: [-7], ...expected });
  };
  const { credential } = (await verifyRegistration(registration)).registrationInfo;
  const verifyLogin = async (reply) => {
    return verifyAuthenticationResponse({ response: JSON.parse(reply), credential, ...expected });
  };
  return {
    manifest: new URL('../package.json', import.meta.resolve('@simplewebauthn/server')),
    works: {
      'verify registration': verification(registration, verifyRegistration),
      'verify login': verification(login, verifyLogin),
    },
  };
}

async function nidWebAuthnEmulator({ origin, creationOptions, requestOptions }) {
  const { WebAuthnEmulator } = await import('nid-webauthn-emulator');
  // As it comes: its memory holds one credential of an account.
  const emulator = new WebAuthnEmulator();
  const register = () => JSON.stringify(emulator.createJSON(origin, JSON.parse(creationOptions).publicKey));
  const authenticate = () => JSON.stringify(emulator.getJSON(origin, JSON.parse(requestOptions).publicKey));
  register();
  return {
    manifest: createRequire(import.meta.url).resolve('nid-webauthn-emulator/package.json'),
    works: {
      'register none': making(register, register, authenticate),
      authenticate: making(authenticate, register, authenticate),
    },
  };
}

// A reply that is verified again and again. The library refuses one by an exception, or by `verified`.
function verification(sound, verify) {
  return {
    async batch(count) {
      for (let i = 0; i < count; i++) {
        if (!(await verify(sound)).verified) throw new Error('verified: false');
      }
    },
    async answer({ reply }) {
      try {
        return (await verify(reply)).verified ? { accepted: true } : { refused: 'verified: false' };
      } catch (error) {
        return { refused: `${error.name}: ${error.message}` };
      }
    },
  };
}

// A reply that is made again and again, and a pair of replies by one key to be looked at.
function making(run, register, authenticate) {
  return {
    async batch(count) {
      for (let i = 0; i < count; i++) run();
    },
    async answer() {
      return { registration: register(), login: authenticate() };
    },
  };
}

async function nanoseconds(batch, count) {
  const start = process.hrtime.bigint();
  await batch(count);
  return Number(process.hrtime.bigint() - start);
}

const libraries = { SimpleWebAuthn: simpleWebAuthn, 'nid-webauthn-emulator': nidWebAuthnEmulator };
const [name] = process.argv.slice(2);
if (!Object.hasOwn(libraries, name)) {
  console.error(`usage: peer.mjs ${Object.keys(libraries).join('|')}`);
  process.exit(2);
}

let works;
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  if (!works) {
    const library = await libraries[name](request);
    works = library.works;
    const { version } = JSON.parse(readFileSync(library.manifest));
    answer = { name, version, runtime: `Node.js ${process.versions.node}`, works: Object.keys(works) };
  } else if ('count' in request) {
    answer = { nanoseconds: await nanoseconds(works[request.work].batch, request.count) };
  } else {
    answer = await works[request.work].answer(request);
  }
  console.log(JSON.stringify(answer));
}
