// `import 'stuntkey/vitest'`, or `setupFiles: ['stuntkey/vitest']`: the matchers for Vitest.

import { expect } from 'vitest';
import * as matchers from './matchers.js';

expect.extend(matchers);

declare module 'vitest' {
  // Declarations that are merged have the same type parameters.
  // biome-ignore lint/suspicious/noExplicitAny: Vitest's own default.
  interface Assertion<T = any> extends matchers.StuntkeyMatchers {}
}
