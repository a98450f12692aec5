// The same file in everything that runs JavaScript.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const home = fileURLToPath(new URL('..', import.meta.url));
const smoke = fileURLToPath(new URL('runtimes/smoke.mjs', import.meta.url));
const conform = fileURLToPath(new URL('runtimes/conform.mjs', import.meta.url));
const done = 'registered and logged in';

async function output(program: string, ...options: string[]): Promise<string> {
  return (await run(program, options, { cwd: home })).stdout;
}

/** The executable of a package that has one package for each platform. */
function executable(scope: string, file: string): string {
  const { platform, arch } = process;
  const names = [`${platform}-${arch}-glibc`, `${platform}-${arch}`, `bun-${platform}-${arch}`];
  const paths = names.map((name) => `${home}node_modules/${scope}/${name}/${file}`);
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`found none of ${paths.join(', ')}`);
  return found;
}

test('Node.js', async () => {
  expect(await output(process.execPath, smoke)).toContain(done);
  expect(await output(process.execPath, conform)).toContain('pass');
});

test('Node.js, by require', async () => {
  const script = "const { version } = require('stuntkey'); console.log(version().version)";
  expect((await output(process.execPath, '--eval', script)).trim()).toBe('0.1.0');
});

test('Deno', async () => {
  const deno = executable('@deno', 'deno');
  // Reading is all that it is allowed to do.
  expect(await output(deno, 'run', `--allow-read=${home}`, smoke)).toContain(done);
  expect(await output(deno, 'run', `--allow-read=${home}`, conform)).toContain('pass');
});

test('Bun', async () => {
  const bun = executable('@oven', 'bin/bun');
  expect(await output(bun, smoke)).toContain(done);
  expect(await output(bun, conform)).toContain('pass');
});

test('no built-in module, as in a browser', async () => {
  expect(await output(process.execPath, `${home}test/runtimes/no-files.mjs`)).toContain(done);
});

const chromium = process.env.STUNTKEY_CHROMIUM ?? '/usr/bin/chromium';

test.skipIf(!existsSync(chromium))('Chromium, where there is one', async () => {
  let tell: (text: string) => void = () => undefined;
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const types: Record<string, string> = { js: 'text/javascript', mjs: 'text/javascript' };
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const type = types[path.split('.').pop() ?? ''] ?? 'application/octet-stream';
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end(page);
    } else if (path.startsWith('/told/')) {
      tell(decodeURIComponent(path.slice('/told/'.length)));
      response.end();
    } else if (existsSync(home + path)) {
      response.setHeader('content-type', type).end(readFileSync(home + path));
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(`${tmpdir()}/stuntkey-`);
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];
  options.push('--disable-background-networking', '--disable-component-update', '--disable-sync');
  options.push(`--user-data-dir=${profile}`, `http://localhost:${port}/`);
  const browser = spawn(chromium, options, { stdio: 'ignore' });
  try {
    expect(await told).toBe(done);
  } finally {
    browser.kill();
    await once(browser, 'exit');
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});

const page = `<!doctype html>
<script type="importmap">{ "imports": { "stuntkey": "/dist/browser.js" } }</script>
<script type="module">
  import('/test/runtimes/smoke.mjs')
    .then(() => smoke, String)
    .then((told) => fetch('/told/' + encodeURIComponent(told)));
</script>`;
