// Runs tests in the workspace itself, for whoever writes the code. What decides is the gate.
//
//   node plain.mjs [FILE...]

import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { beginAssertions, endAssertions, expect, jest } from './expect.mjs';
import * as runner from './runner.mjs';

const NAMES = /(^test|\.test|\.spec|_test|-test|^test-.*)\.[cm]?[jt]s$/;

function* found(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* found(name);
    else if (entry.isFile() && NAMES.test(entry.name)) yield name;
  }
}

const given = process.argv.slice(2);
const files = (given.length ? given : [...found('.')]).map((file) => path.normalize(file));
const native = files.filter((file) => fs.existsSync(file) && /node:test/.test(fs.readFileSync(file, 'utf8')));
let failed = 0;
if (native.length) failed += spawnSync(process.execPath, ['--test', ...native], { stdio: 'inherit' }).status ? 1 : 0;
Object.assign(globalThis, runner, { expect, jest });
let passed = 0;
for (const file of files.filter((name) => !native.includes(name))) {
  runner.beginFile(file);
  try {
    await import(pathToFileURL(path.resolve(file)).href);
    const result = await runner.runFile({ begin: beginAssertions, end: endAssertions, log: (text) => process.stdout.write(text) });
    passed += result.passed.length;
    failed += result.failed.length;
  } catch (error) {
    failed += 1;
    process.stdout.write(`not ok ${file}\n${runner.described(error)}\n`);
  }
}
if (!files.length) process.stdout.write('there are no test files\n');
else if (passed || !native.length) process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed || !files.length ? 1 : 0);
