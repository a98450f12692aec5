// One case before a fetch handler, and where there is `node:http` before a listener, by whatever runs this file.

import { conform } from 'stuntkey/conform';
import { app, origin } from '../runners/app.js';

const options = { origin, only: 'registration/client-data/challenge/other' };
const { cases } = await conform(app, options);

async function listener(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, headers } = request;
  const body = new Blob(chunks);
  const answer = await app(new Request(`${origin}${request.url}`, { method, headers, body }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
}
await conform(listener, options);
console.log(cases.map(({ verdict }) => verdict).join());
