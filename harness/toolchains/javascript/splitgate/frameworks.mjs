// Test frameworks for specs that are CommonJS modules, which cannot import.

import * as jestnames from './jestnames.mjs';
import nodetest from './nodetest.mjs';

globalThis[Symbol.for('harness.frameworks')] = { jestnames: { ...jestnames }, nodetest };
