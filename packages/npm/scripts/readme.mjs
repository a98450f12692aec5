// Writes every snippet of README.md into test/readme/ as a test, so that the tests and the type checker read them.
// A snippet without a test of its own gets one around it, with a page, its origin and options.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const home = new URL('..', import.meta.url);
const folder = new URL('test/readme/', home);
const text = readFileSync(new URL('README.md', home), 'utf8');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const count = new Map();
let heading = '';
for (const [, title, language, snippet] of text.matchAll(
  /^## ([^\n]*)$|^```(\w+)\n(.*?)^```$/gms,
)) {
  if (title !== undefined) heading = title;
  if (language !== 'ts') continue;
  const name = heading.toLowerCase().replaceAll(' ', '-');
  const number = (count.get(name) ?? 0) + 1;
  count.set(name, number);
  const file = `${name}${number > 1 ? `-${number}` : ''}.test.ts`;
  writeFileSync(new URL(file, folder), /^test\(/m.test(snippet) ? snippet : wrapped(snippet));
}

function wrapped(snippet) {
  const isImport = (line) => line.startsWith('import ');
  const lines = snippet.split('\n');
  const imports = lines.filter(isImport).join('\n');
  const body = lines.filter((line) => !isImport(line)).join('\n');
  return `import { Authenticator, verifyRegistration } from 'stuntkey';
import { expect, test } from 'vitest';
import { app, fetch, options, origin } from '../snippet.js';
${imports}
const page = Authenticator.at(origin);
test('the snippet', async () => {
  {
${body}
  }
  void [Authenticator, app, verifyRegistration, expect, fetch, options, origin, page];
});
`;
}
