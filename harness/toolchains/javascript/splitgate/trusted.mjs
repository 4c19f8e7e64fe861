// The spec's side: runs the pristine spec over modules that stand for those of the workspace. It loads no code of it.
//
//   node trusted.mjs SETTINGS
//
// Where no run is asked for, the tests are listed. Reports leave by the standard output, one line of JSON.

import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { pathToFileURL } from 'node:url';

import './frameworks.mjs';
import { beginAssertions, endAssertions, expect, isAssertion, jest, remember } from './expect.mjs';
import { GoneError, LineBuffer, readInto, writeAll } from './frames.mjs';
import { Peer } from './peer.mjs';
import * as runner from './runner.mjs';
import { Listing } from './values.mjs';

const STARTING = 30_000; // milliseconds that the code's side may take to start
const MOST_OUTPUT = 200_000; // characters of a report
const settings = JSON.parse(process.argv[2]);
process.argv.splice(2);

let output = '';
const log = (text) => {
  if (output.length < MOST_OUTPUT) output += String(text).slice(0, MOST_OUTPUT);
};
process.stdout.write = process.stderr.write = (text, ...rest) => {
  log(text);
  rest.find((one) => typeof one === 'function')?.();
  return true;
};
for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = (...values) => log(`${format(...values)}\n`);

class SpecSide extends Peer {
  #idle;
  #wait;
  #out;
  #soon;

  open(pipes, run) {
    const until = Date.now() + STARTING;
    const name = (kind) => `${pipes}/${kind}${run}`;
    this.#soon = fs.openSync(name('out'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    this.#idle = opened(name('idle'), until);
    this.#wait = opened(name('wait'), until);
    this.#out = fs.openSync(name('out'), 'r');
  }

  send(text) {
    writeAll(this.depth ? this.#wait : this.#idle, text);
  }

  receive() {
    try {
      for (;;) {
        const line = this.lines.next();
        if (line !== undefined) return line;
        readInto(this.lines, this.#out);
      }
    } catch (error) {
      throw this.broken(error);
    }
  }

  // Take what came while nobody waited, now and from time to time.
  listen() {
    if (this.gone) return;
    try {
      while (readInto(this.lines, this.#soon) !== undefined);
    } catch (error) {
      this.broken(error);
    }
    try {
      for (let line = this.lines.next(); line !== undefined && !this.gone; line = this.lines.next()) this.heard(line);
    } catch (error) {
      this.broken(error);
    }
    if (this.gone) for (const [, reject] of this.pending.values()) reject(this.gone);
    else this.timer = setTimeout(() => this.listen(), 1);
  }

  // What code of the workspace may do with what the spec gave it. Nothing else of this process is in its reach.
  operate(name, values) {
    const [subject, second, third] = values;
    switch (name) {
      case 'call':
        if (typeof subject !== 'function' || !Array.isArray(third)) throw new TypeError('what is called is no function');
        return Reflect.apply(subject, second, third);
      case 'new':
        if (typeof subject !== 'function' || !Array.isArray(second)) throw new TypeError('what is constructed is no class');
        return Reflect.construct(subject, second);
      case 'get':
        return given(subject, second);
      case 'has':
        return ownerOf(subject, second) !== null;
      case 'keys':
        return new Listing(typeof subject === 'function' ? [] : Reflect.ownKeys(subject));
      case 'descriptor': {
        const owner = ownerOf(subject, second);
        return owner === subject ? new Listing([given(subject, second), true]) : undefined;
      }
      case 'set':
        if (typeof subject === 'function' || second === '__proto__' || !Reflect.ownKeys(subject).includes(second)) return false;
        return Reflect.set(subject, second, third);
      case 'prototype':
        return null;
      case 'instance':
        return typeof second === 'function' && subject instanceof second;
    }
    throw new TypeError(`there is no operation ${name}`);
  }

  caught(error) {
    remember(error);
    return isAssertion(error) ? new Error(error.message) : error;
  }
}

const HIDDEN = new Set(['constructor', '__proto__', 'prototype', 'caller', 'callee', 'arguments', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__']);
const BUILT_IN = new Set([Object.prototype, Function.prototype, Array.prototype, Error.prototype, Promise.prototype, Map.prototype, Set.prototype]);
const LENT = new Set([Symbol.iterator, Symbol.asyncIterator, 'next', 'return', 'throw', 'then', 'name', 'message', 'length']);

// The object on which the spec itself wrote a property, or one of the few that everybody may use of built-in things.
function ownerOf(subject, name) {
  if (HIDDEN.has(name) || Object(subject) !== subject) return null;
  if (typeof subject === 'function') return Object.hasOwn(subject, name) ? subject : null;
  for (let here = subject; here !== null; here = Object.getPrototypeOf(here)) {
    if (Object.hasOwn(here, name)) return BUILT_IN.has(here) && !LENT.has(name) ? null : here;
    if (BUILT_IN.has(here)) return null;
  }
  return null;
}

function given(subject, name) {
  return ownerOf(subject, name) === null ? undefined : subject[name];
}

function opened(name, until) {
  for (;;) {
    try {
      const first = fs.openSync(name, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      const result = fs.openSync(name, 'w');
      fs.closeSync(first);
      return result;
    } catch (error) {
      if (error.code !== 'ENXIO' || Date.now() > until) throw new GoneError(`the process of the code did not start: ${error.code}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

// ---- modules that stand for those of the workspace

const exported = new Map();
globalThis[Symbol.for('harness.split')] = (name) => {
  const module = exported.get(name);
  if (module.error) throw module.error.reason;
  return module.values;
};

function stub({ path: name, common, names }, known) {
  const valid = [...new Set(known ?? names)].filter((one) => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(one));
  const load = `globalThis[Symbol.for('harness.split')](${JSON.stringify(name)})`;
  let text;
  if (common) text = `module.exports = ${load}.get('module.exports');\n0 && (module.exports = { ${valid.filter((one) => one !== 'default').join(', ')} });\n`;
  else {
    const lines = valid.map((one, at) => `const e${at} = m.get(${JSON.stringify(one)}); export { e${at} as ${one} };`);
    text = `const m = ${load};\n${lines.join('\n')}\n`;
  }
  const target = path.join(settings.root, name);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
}

async function standIn(side, module) {
  let entries;
  try {
    entries = await side.request('import', module.path, module.common);
    if (!Array.isArray(entries)) throw new TypeError('a module has no exports');
    const values = new Map(entries.map(([name, value]) => [String(name), value]));
    exported.set(module.path, { values });
    const whole = values.get('module.exports');
    stub(module, module.common ? (Object(whole) === whole ? Reflect.ownKeys(whole).filter((one) => typeof one === 'string') : []) : [...values.keys()]);
  } catch (reason) {
    exported.set(module.path, { error: { reason } });
    stub(module);
  }
}

// Stands for whatever the code may be while the tests are listed.
function anything() {
  const self = new Proxy(function () {}, {
    apply: () => self,
    construct: () => self,
    get: (_, name) => (name === Symbol.iterator ? function* () {} : name === Symbol.toPrimitive ? () => '' : name === 'then' ? undefined : name === 'prototype' ? {} : self),
    has: () => true,
  });
  return self;
}

function report(value) {
  let data = Buffer.from(`${JSON.stringify(value)}\n`);
  while (data.length) data = data.subarray(fs.writeSync(1, data));
}

async function list() {
  const any = anything();
  for (const module of settings.modules) {
    exported.set(module.path, { values: { get: () => any } });
    stub(module);
  }
  const found = [];
  const errors = [];
  for (const file of settings.files) {
    runner.beginFile(file);
    try {
      await import(pathToFileURL(path.join(settings.root, file)).href);
      found.push(...runner.tests().map(({ id, skip }) => [id, Boolean(skip)]));
    } catch (error) {
      errors.push([file, runner.described(error)]);
    }
  }
  report({ tests: found, errors });
}

async function run() {
  const side = new SpecSide('t');
  const total = { run: settings.run, passed: [], failed: [], skipped: [], broken: [], gone: '', code: 0 };
  side.open(settings.pipes, settings.run);
  side.listen();
  for (const module of settings.modules) await standIn(side, module);
  for (const file of settings.files) {
    runner.beginFile(file);
    try {
      await import(pathToFileURL(path.join(settings.root, file)).href);
    } catch (error) {
      total.broken.push(file);
      log(`not ok ${file}\n${runner.described(error)}\n`);
      continue;
    }
    const result = await runner.runFile({ begin: beginAssertions, end: endAssertions, log });
    for (const kind of ['passed', 'failed', 'skipped']) total[kind].push(...result[kind]);
  }
  total.gone = side.gone ? side.gone.message : '';
  report({ ...total, output });
}

const { describe, test, it, xtest, xit, fit, xdescribe, fdescribe, beforeAll, afterAll, beforeEach, afterEach } = runner;
Object.assign(globalThis, { describe, test, it, xtest, xit, fit, xdescribe, fdescribe, beforeAll, afterAll, beforeEach, afterEach, expect, jest });
process.on('unhandledRejection', (error) => runner.swallowed.push(error));
process.on('uncaughtException', runner.interrupt);

try {
  await (settings.run === null ? list() : run());
} catch (error) {
  report({ fault: runner.described(error) });
}
process.exit(0);
