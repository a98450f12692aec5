// The door, where no other test gets to.

import { Authenticator, StuntkeyError, version } from 'stuntkey';
import { call, callText } from 'stuntkey/door';
import { expect, test, vi } from 'vitest';

test('a request that is none is answered, letter by letter', () => {
  expect(callText('{')).toMatch(/^\{"error":\{"name":"RequestError"/);
  expect(() => call('no.such')).toThrow(
    expect.objectContaining({ name: 'RequestError', hint: expect.stringContaining('client.new') }),
  );
});

test('text of any length and script goes through', () => {
  const name = '🔑 ключ 鍵 '.repeat(20_000);
  const key = new Authenticator();
  key.credentials.add({ rpId: 'example.com', userHandle: 'YWRh', userName: name });
  expect(key.credentials.list()[0]?.userName).toBe(name);
});

test('a module that stopped is replaced', () => {
  const before = new Authenticator();
  const random = vi.spyOn(crypto, 'getRandomValues').mockImplementation(() => {
    throw new Error('no randomness');
  });
  try {
    expect(() => new Authenticator()).toThrow(expect.objectContaining({ name: 'InternalError' }));
  } finally {
    random.mockRestore();
  }
  expect(version().version).toBe('0.1.0');
  expect(() => before.capabilities()).toThrow(StuntkeyError);
  expect(new Authenticator().capabilities()).toContain('conditionalGet');
});
