// @simplewebauthn/server as a relying party in a subprocess; see ../python/relying_party.py.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import {
  SettingsService,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';

const ORIGIN = 'https://login.example.com';
const RP_ID = 'example.com';
const FORMATS = ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'packed', 'tpm'];

let options;
let algorithms;
let credential;

const same = { expectedOrigin: ORIGIN, expectedRPID: RP_ID, requireUserVerification: true };

const tasks = {
  name() {
    const file = new URL('../package.json', import.meta.resolve('@simplewebauthn/server'));
    return { name: `SimpleWebAuthn ${JSON.parse(readFileSync(file)).version}` };
  },

  trust({ roots }) {
    for (const identifier of FORMATS) {
      SettingsService.setRootCertificates({ identifier, certificates: roots });
    }
  },

  async 'begin registration'({ user, algorithms: wanted }) {
    algorithms = wanted;
    options = await generateRegistrationOptions({
      rpName: 'Example',
      rpID: RP_ID,
      userID: Buffer.from(user),
      userName: user,
      attestationType: 'direct',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: algorithms,
    });
    return { options };
  },

  async 'finish registration'({ response }) {
    const result = await verifyRegistrationResponse({
      ...same,
      response,
      expectedChallenge: options.challenge,
      supportedAlgorithmIDs: algorithms,
    });
    if (!result.verified) return { refused: 'verified: false' };
    credential = result.registrationInfo.credential;
  },

  async 'begin authentication'({ listed }) {
    options = await generateAuthenticationOptions({
      rpID: RP_ID,
      allowCredentials: listed ? [{ id: credential.id }] : undefined,
      userVerification: 'required',
    });
    return { options };
  },

  async 'finish authentication'({ response }) {
    const result = await verifyAuthenticationResponse({
      ...same,
      response,
      expectedChallenge: options.challenge,
      credential,
    });
    if (!result.verified) return { refused: 'verified: false' };
    credential.counter = result.authenticationInfo.newCounter;
  },
};

function describe(error) {
  const text = `${error.name}: ${error.message}`;
  return error.cause ? `${text} (${describe(error.cause)})` : text;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: task, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = (await tasks[task](request)) ?? {};
  } catch (error) {
    if (!task.startsWith('finish')) throw error;
    answer = { refused: describe(error) };
  }
  console.log(JSON.stringify(answer));
}
