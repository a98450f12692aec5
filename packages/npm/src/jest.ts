// `import 'stuntkey/jest'`, or `setupFilesAfterEnv: ['stuntkey/jest']`: the matchers for Jest.

import { expect } from '@jest/globals';
import * as matchers from './matchers.js';

expect.extend({ ...matchers });

declare module '@jest/expect' {
  interface Matchers<R extends void | Promise<void>> extends matchers.StuntkeyMatchers<R> {}
}

declare global {
  // What @types/jest has, where it is.
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: the default is of @types/jest.
    interface Matchers<R, T = {}> extends matchers.StuntkeyMatchers<R> {}
  }
}
