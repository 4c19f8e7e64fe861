// What a spec imports from node:test.

import { nodeTest } from './runner.mjs';

const test = nodeTest();
export default test;
export const { it, describe, suite, before, after, beforeEach, afterEach } = test;
export { test };
