// An Express application, as README.md tests one.

import express, { type ErrorRequestHandler, type Express } from 'express';
import { type Flaws, relyingParty, Sessions } from './relying-party.js';

export function application(flaws: Flaws = {}): Express {
  const app = express();
  const sessions = new Sessions();
  app.use(express.json());
  for (const [path, action] of Object.entries(relyingParty(flaws))) {
    app.post(path, async (request, response) => {
      const { kept, cookie } = sessions.of(request.headers.cookie);
      if (cookie) response.setHeader('set-cookie', cookie);
      const answer = await action(kept, request.body);
      response.json({ status: 'ok', errorMessage: '', ...answer });
    });
  }
  const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(400).json({ status: 'failed', errorMessage: error.message });
  };
  app.use(refuse);
  return app;
}

export const app = application();
