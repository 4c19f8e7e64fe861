// The tests of a spec: declared by describe, test and the hooks, then run one after another.

import { format, inspect } from 'node:util';

const HOOKS = ['before', 'after', 'beforeEach', 'afterEach'];

class Suite {
  constructor(name, parent, skip) {
    this.name = name;
    this.parent = parent;
    this.skip = skip;
    this.entries = [];
    this.only = false;
    this.hooks = Object.fromEntries(HOOKS.map((name) => [name, []]));
  }
}

export class SkippedError extends Error {}

let root = new Suite('', null, false);
let current = root;
let file = '';
let context = null; // the test that runs

// Failures of assertions that code of the workspace may have caught; they count for the test that runs.
export const swallowed = [];

export function beginFile(name) {
  file = name;
  root = current = new Suite('', null, false);
}

function place(entry) {
  current.entries.push(entry);
  return entry;
}

function addSuite(name, body, { skip = false, only = false } = {}) {
  const suite = place(new Suite(nameOf(name), current, skip || current.skip));
  suite.only = only;
  const outer = current;
  current = suite;
  try {
    const result = body?.(contextOf(null));
    if (result instanceof Promise) throw new TypeError('describe: an async body is not supported');
  } finally {
    current = outer;
  }
}

function addTest(name, body, { skip = false, only = false, todo = false, timeout = 0, style = 'jest', fails = false } = {}) {
  if (context && style === 'node') return context.test(name, body);
  place({ name: nameOf(name), body, skip: skip || todo || current.skip || body === undefined, only, timeout, style, fails });
  return undefined;
}

const nameOf = (name) => (typeof name === 'function' ? name.name : String(name));

// ---- what a spec for jest sees

function each(add) {
  return (table, ...values) => {
    const rows = table.raw ? tagged(table, values) : [...table].map((row) => (Array.isArray(row) ? row : [row]));
    return (name, body, timeout) =>
      rows.forEach((row, index) => {
        const values = Array.isArray(row) ? row : [row];
        const run = body.length > values.length ? (done) => body(...values, done) : () => body(...values);
        add(titled(String(name), values, index), run, timeout);
      });
  };
}

function tagged(strings, values) {
  const names = strings[0].split('|').map((name) => name.trim()).filter(Boolean);
  const rows = [];
  for (let at = 0; at < values.length; at += names.length) {
    rows.push(Object.fromEntries(names.map((name, place) => [name, values[at + place]])));
  }
  return rows;
}

function titled(name, values, index) {
  const named = values.length === 1 && values[0] !== null && typeof values[0] === 'object' ? values[0] : null;
  if (named && /\$\w/.test(name)) return name.replace(/\$([\w.]+)/g, (text, key) => (key === '#' ? index : key in named ? short(named[key]) : text));
  const left = [...values];
  return name.replace(/%([sdifjopc#%])/g, (text, kind) => {
    if (kind === '%') return '%';
    if (kind === '#') return String(index);
    if (!left.length) return text;
    const value = left.shift();
    return kind === 'p' ? inspect(value, { depth: 2, breakLength: Infinity }) : kind === 's' ? short(value) : format(text, value);
  });
}

const short = (value) => (typeof value === 'string' ? value : inspect(value, { depth: 2, breakLength: Infinity }));

function jestTest(options) {
  const add = (name, body, timeout) => addTest(name, body, { ...options, timeout });
  add.each = each(add);
  return add;
}

function jestDescribe(options) {
  const add = (name, body) => addSuite(name, body, options);
  add.each = each(add);
  return add;
}

export const test = jestTest({});
test.skip = jestTest({ skip: true });
test.only = jestTest({ only: true });
test.todo = (name) => addTest(name, undefined, { todo: true });
test.failing = jestTest({ fails: true });
test.concurrent = jestTest({});
export const it = test;
export const xtest = test.skip;
export const xit = test.skip;
export const fit = test.only;
export const describe = jestDescribe({});
describe.skip = jestDescribe({ skip: true });
describe.only = jestDescribe({ only: true });
export const xdescribe = describe.skip;
export const fdescribe = describe.only;

const hook = (name) => (body, options) => {
  current.hooks[name].push({ body, timeout: typeof options === 'number' ? options : 0 });
};
export const beforeAll = hook('before');
export const afterAll = hook('after');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

// ---- what a spec for node:test sees

function nodeForm(add, fixed) {
  return (...parts) => {
    const name = typeof parts[0] === 'string' ? parts.shift() : '';
    const options = parts[0] !== null && typeof parts[0] === 'object' ? parts.shift() : {};
    const body = parts[0];
    return add(name || body?.name || '<anonymous>', body, { ...options, skip: Boolean(options.skip), only: Boolean(options.only), todo: Boolean(options.todo), ...fixed, style: 'node' }) ?? Promise.resolve();
  };
}

export function nodeTest() {
  const test = nodeForm(addTest, {});
  const suite = nodeForm(addSuite, {});
  for (const [target, add] of [[test, addTest], [suite, addSuite]]) {
    target.skip = nodeForm(add, { skip: true });
    target.only = nodeForm(add, { only: true });
    target.todo = nodeForm(add, { todo: true, skip: true });
  }
  return Object.assign(test, { test, it: test, describe: suite, suite, before: beforeAll, after: afterAll, beforeEach, afterEach });
}

function contextOf(state) {
  return {
    name: state?.name ?? '',
    diagnostic() {},
    signal: new AbortController().signal,
    skip(reason) {
      throw new SkippedError(String(reason ?? ''));
    },
    todo() {
      throw new SkippedError('todo');
    },
    before: (body) => body?.(),
    after: (body) => state?.cleanups.push(body),
    beforeEach: (body) => state?.befores.push(body),
    afterEach: (body) => state?.afters.push(body),
    plan() {},
    async test(name, ...parts) {
      const body = parts.pop();
      if (parts[0]?.skip || parts[0]?.todo) return;
      const inner = { name: String(name), cleanups: [], befores: [], afters: [] };
      try {
        for (const before of state?.befores ?? []) await before(contextOf(inner));
        await call(body, 'node', contextOf(inner));
        for (const after of [...(state?.afters ?? []), ...inner.cleanups]) await after(contextOf(inner));
      } catch (error) {
        if (error instanceof SkippedError) return;
        state?.failures.push(error);
      }
    },
  };
}

// ---- running

async function call(body, style, argument) {
  if (style === 'node') return body.length > 1 ? new Promise((resolve, reject) => body(argument, (error) => (error ? reject(error) : resolve()))) : body(argument);
  if (body.length === 0) return body();
  return new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve());
    done.fail = (error) => reject(error instanceof Error ? error : new Error(String(error ?? 'done.fail() was called')));
    const result = body(done);
    if (result instanceof Promise) result.catch(reject);
  });
}

let stop = () => {};

// End the test that runs, for an error that escaped from it, as in a timer.
export function interrupt(error) {
  swallowed.push(error);
  stop(error);
}

async function within(seconds, promise) {
  let timer;
  const ended = new Promise((_, reject) => {
    stop = reject;
    if (seconds) timer = setTimeout(() => reject(new Error(`exceeded its time limit of ${seconds} ms`)), seconds);
  });
  return Promise.race([promise, ended]).finally(() => clearTimeout(timer));
}

function hasOnly(suite) {
  return suite.entries.some((entry) => entry.only || (entry instanceof Suite && hasOnly(entry)));
}

function* listed(suite, path, narrowed, chosen) {
  for (const entry of suite.entries) {
    const inner = chosen || entry.only;
    if (entry instanceof Suite) yield* listed(entry, [...path, entry.name], narrowed, inner);
    else yield { test: entry, suite, path: [...path, entry.name], skip: entry.skip || (narrowed && !inner) };
  }
}

// Ids of all tests of the file in the order of the spec, each with whether it is skipped; equal names are numbered.
export function tests() {
  const seen = new Map();
  return [...listed(root, [], hasOnly(root), false)].map((one) => {
    const name = `${file}::${one.path.join(' > ')}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { ...one, id: count > 1 ? `${name} #${count}` : name };
  });
}

function chain(suite) {
  return suite ? [...chain(suite.parent), suite] : [];
}

// Run the tests of the file. `begin` and `end` are called around each; `end` may return an error to count.
export async function runFile({ begin, end, log }) {
  const result = { passed: [], failed: [], skipped: [] };
  const begun = new Set();
  const broken = new Map();
  const all = tests();
  for (const { test, suite, id, skip } of all) {
    if (skip) {
      result.skipped.push(id);
      continue;
    }
    const suites = chain(suite);
    const state = { name: test.name, failures: [], cleanups: [], befores: [], afters: [] };
    swallowed.length = 0;
    let failure;
    begin();
    try {
      for (const outer of suites) {
        if (broken.has(outer)) throw broken.get(outer);
        if (begun.has(outer)) continue;
        begun.add(outer);
        try {
          for (const { body, timeout } of outer.hooks.before) await within(timeout, call(body, 'jest'));
        } catch (error) {
          broken.set(outer, error);
          throw error;
        }
      }
      for (const outer of suites) for (const { body, timeout } of outer.hooks.beforeEach) await within(timeout, call(body, 'jest'));
      context = test.style === 'node' ? contextOf(state) : null;
      await within(test.timeout, call(test.body, test.style, context ?? undefined));
      [failure] = state.failures;
    } catch (error) {
      failure = error;
    }
    context = null;
    try {
      for (const cleanup of state.cleanups) await cleanup();
      for (const outer of suites.reverse()) for (const { body, timeout } of outer.hooks.afterEach) await within(timeout, call(body, 'jest'));
    } catch (error) {
      failure ??= error;
    }
    failure ??= swallowed[0];
    failure = end(failure) ?? failure;
    if (test.fails) failure = failure ? undefined : new Error('the test was to fail, and passed');
    if (failure instanceof SkippedError) result.skipped.push(id);
    else if (failure) {
      result.failed.push(id);
      log(`not ok ${id}\n${described(failure)}\n`);
    } else result.passed.push(id);
  }
  const last = all.at(-1)?.id;
  for (const suite of [...begun].reverse()) {
    try {
      for (const { body } of suite.hooks.after) await call(body, 'jest');
    } catch (error) {
      // A test that ended well does not stay so if the clean-up of its suite fails.
      result.passed = result.passed.filter((id) => id !== last);
      result.failed.push(last);
      log(`not ok ${last} (after all)\n${described(error)}\n`);
    }
  }
  return result;
}

export function described(error) {
  try {
    if (error instanceof Error) {
      const stack = String(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('/splitgate/') && !line.includes('node:'));
      return [`${error.name}: ${error.message}`, ...stack.slice(0, 6)].join('\n');
    }
    return inspect(error, { depth: 2 });
  } catch {
    return 'an error that cannot be shown';
  }
}
