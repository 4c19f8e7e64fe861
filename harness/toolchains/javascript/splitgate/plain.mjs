// Runs tests in the workspace itself, for whoever writes the code. What decides is the gate.
//
//   node plain.mjs [FILE...]

import fs from 'node:fs';
import path from 'node:path';
import Module, { register } from 'node:module';
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import './frameworks.mjs';
import { beginAssertions, endAssertions, expect, jest } from './expect.mjs';
import { FRAMEWORKS } from './bundled.mjs';
import * as runner from './runner.mjs';

const NAMES = /(^test|\.test|\.spec|_test|-test|^test-.*)\.[cm]?[jt]s$/;

function* found(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* found(name);
    else if (entry.isFile() && NAMES.test(entry.name)) yield name;
  }
}

// True where no package.json says how files in .js are loaded, and the tests are written as modules.
function areModules(names) {
  try {
    if (JSON.parse(fs.readFileSync('package.json', 'utf8')).type) return false;
  } catch {
    // There is none, or none that can be read.
  }
  return names.some((name) => /^\s*(?:import\s+[\w$*{'"]|export\s+[\w$*{])/m.test(fs.readFileSync(name, 'utf8')));
}

const given = process.argv.slice(2);
const files = (given.length ? given : [...found('.')]).map((file) => path.normalize(file));
const native = files.filter((file) => fs.existsSync(file) && /node:test/.test(fs.readFileSync(file, 'utf8')));
let failed = 0;
if (native.length) failed += spawnSync(process.execPath, ['--test', ...native], { stdio: 'inherit' }).status ? 1 : 0;
Object.assign(globalThis, runner, { expect, jest });
let passed = 0;
const usual = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => (FRAMEWORKS.includes(name) ? fileURLToPath(new URL('jestnames.cjs', import.meta.url)) : usual(name, ...rest));
const others = files.filter((name) => !native.includes(name));
if (others.length) register('./bundled.mjs', import.meta.url, { data: { root: pathToFileURL(`${process.cwd()}/`).href, module: areModules(others) } });
for (const file of others) {
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
