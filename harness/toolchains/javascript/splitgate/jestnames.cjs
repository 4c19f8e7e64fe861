// What a spec requires as @jest/globals or vitest.

module.exports = globalThis[Symbol.for('harness.frameworks')].jestnames;
