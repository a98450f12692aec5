import test from 'node:test';
import { conform } from 'stuntkey/conform';
import { app, origin } from './app.js';

conform.tests(test, app, { origin, only: 'registration/client-data/challenge' });
