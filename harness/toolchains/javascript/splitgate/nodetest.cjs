// What a spec requires as node:test.

module.exports = globalThis[Symbol.for('harness.frameworks')].nodetest;
