// nid-webauthn-emulator as an authenticator that `stuntkey conform udp://…` can play.
//
//     nid_webauthn_emulator.mjs              prints its address, and serves it until SIGTERM
//     nid_webauthn_emulator.mjs --version    prints the library's name and version
//
// Its hands are SIGUSR2 (power cycle) and SIGHUP (reset): it has no authenticatorReset, and takes itself for touched.
//
// The library answers whole messages, and has no CTAPHID, so channels.mjs lends it one. It is made as its README makes it,
// with the settings that it has by default. What it throws is a status if it is the library's own error, and ERR_OTHER if not.

import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

import {
  AuthenticationEmulatorError,
  AuthenticatorEmulator,
  PasskeysCredentialsMemoryRepository,
} from 'nid-webauthn-emulator';

import { Channels, REPORT_LENGTH } from './channels.mjs';

const OK = 0x00;
const ERR_OTHER = 0x7f;

if (process.argv[2] === '--version') {
  const file = new URL('node_modules/nid-webauthn-emulator/package.json', import.meta.url);
  console.log('nid-webauthn-emulator', JSON.parse(readFileSync(file, 'utf8')).version);
} else if (process.argv.length > 2) {
  console.error('usage: nid_webauthn_emulator.mjs [--version]');
  process.exitCode = 2;
} else {
  serve();
}

function serve() {
  let credentialsRepository;
  let channels;
  const powerCycle = () => {
    const emulator = new AuthenticatorEmulator({ credentialsRepository });
    channels = new Channels((message) => answer(emulator, message));
  };
  const reset = () => {
    credentialsRepository = new PasskeysCredentialsMemoryRepository();
    powerCycle();
  };

  reset();
  process.on('SIGUSR2', powerCycle);
  process.on('SIGHUP', reset);
  process.on('SIGTERM', () => process.exit());
  const udp = createSocket('udp4');
  udp.on('message', (report, client) => {
    if (report.length !== REPORT_LENGTH) return;
    for (const answered of channels.answers(report)) udp.send(answered, client.port, client.address);
  });
  udp.bind(0, '127.0.0.1', () => console.log(`udp://127.0.0.1:${udp.address().port}`));
}

// The answer to a request: a status, and what stands behind it.
function answer(emulator, [command, ...data]) {
  try {
    const given = emulator.command({ command, data: data.length ? Uint8Array.from(data) : undefined });
    return Buffer.from([OK, ...(given.data ?? [])]);
  } catch (error) {
    if (error instanceof AuthenticationEmulatorError) return Buffer.from([error.status]);
    console.error(error);
    return Buffer.from([ERR_OTHER]);
  }
}
