// What a spec imports from @jest/globals or vitest.

export { expect, jest, jest as vi } from './expect.mjs';
export { afterAll, afterEach, beforeAll, beforeEach, describe, fdescribe, fit, it, test, xdescribe, xit, xtest } from './runner.mjs';
