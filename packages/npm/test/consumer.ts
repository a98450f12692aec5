// Read by the compiler against the published declarations, without the DOM and without Node.js.

import {
  Authenticator,
  type Explained,
  type Page,
  StuntkeyError,
  verifyRegistration,
} from 'stuntkey';
import { type ConformOptions, conform, type EndedCase } from 'stuntkey/conform';
import { call } from 'stuntkey/door';
import { toBeVerifiedRegistration } from 'stuntkey/matchers';

export async function record(page: Page, options: object): Promise<string> {
  const registration = await page.create(options, { fault: 'client-data/origin/subdomain' });
  const bytes: ArrayBuffer = registration.response.attestationObject;
  return verifyRegistration(registration, { options, origin: page.origin }).credential.id + bytes;
}

export function hint(error: unknown): string | undefined {
  return error instanceof StuntkeyError ? error.hint : (error as Explained).path;
}

export const key = new Authenticator({
  model: { base: 'full', algorithms: ['ES256'] },
  pin: '1234',
});
export const version: { version: string } = call('version');
export const matched: boolean = toBeVerifiedRegistration('', { origin: '' }).pass;

export async function failed(options: ConformOptions): Promise<EndedCase[]> {
  const { cases } = await conform
    .run((request, response) => response.end(request.url), options)
    .finish();
  return cases.filter(({ alarm }) => alarm);
}

// @ts-expect-error There is no such profile.
export const profile: ConformOptions = { origin: '', profile: 'l9' };

// @ts-expect-error There is no such model.
export const misspelt = new Authenticator({ model: 'platfrom' });
