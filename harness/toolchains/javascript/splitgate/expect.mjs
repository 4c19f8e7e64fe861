// The part of jest's `expect` and `jest` that specs of exercises use, over plain comparisons in this process.

import { inspect } from 'node:util';

import { equals, includes, matcher } from './equality.mjs';
import { swallowed } from './runner.mjs';

export class ExpectationError extends Error {
  get name() {
    return 'ExpectationError';
  }
}

let made = 0; // assertions of the test that runs
let wanted = null;

export function beginAssertions() {
  made = 0;
  wanted = null;
}

export function endAssertions(failure) {
  if (failure || wanted === null) return undefined;
  if (wanted === true ? made > 0 : made === wanted) return undefined;
  return new ExpectationError(`expected ${wanted === true ? 'at least one' : wanted} assertions, and ${made} were made`);
}

const show = (value) => {
  try {
    return inspect(value, { depth: 4, breakLength: 100, maxArrayLength: 50, maxStringLength: 500 });
  } catch {
    return 'a value that cannot be shown';
  }
};

function thrown(call) {
  try {
    call();
  } catch (error) {
    return { error };
  }
  return null;
}

function fits(error, expected) {
  const message = error !== null && typeof error === 'object' && 'message' in error ? String(error.message) : String(error);
  if (expected === undefined) return true;
  if (typeof expected === 'string') return message.includes(expected);
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === 'function') return error instanceof expected;
  if (expected !== null && typeof expected === 'object' && 'message' in expected && expected instanceof Error) return message === expected.message;
  return equals(error, expected);
}

function property(value, path) {
  const names = Array.isArray(path) ? path : String(path).replace(/\[(\w+)\]/g, '.$1').split('.');
  let here = value;
  for (const name of names) {
    if (here === null || here === undefined || !(name in Object(here))) return null;
    here = here[name];
  }
  return [here];
}

const isMock = (value) => typeof value === 'function' && value.mock !== undefined;

const MATCHERS = {
  toBe: (value, other) => Object.is(value, other),
  toEqual: (value, other) => equals(value, other),
  toStrictEqual: (value, other) => equals(value, other, true),
  toMatchObject: (value, part) => includes(value, part),
  toBeNull: (value) => value === null,
  toBeUndefined: (value) => value === undefined,
  toBeDefined: (value) => value !== undefined,
  toBeNaN: (value) => Number.isNaN(value),
  toBeTruthy: (value) => Boolean(value),
  toBeFalsy: (value) => !value,
  toBeGreaterThan: (value, other) => value > other,
  toBeGreaterThanOrEqual: (value, other) => value >= other,
  toBeLessThan: (value, other) => value < other,
  toBeLessThanOrEqual: (value, other) => value <= other,
  toBeCloseTo: (value, other, digits = 2) => value === other || Math.abs(value - other) < 10 ** -digits / 2,
  toBeInstanceOf: (value, type) => value instanceof type,
  toContain: (value, one) => (typeof value === 'string' ? value.includes(String(one)) : [...value].includes(one)),
  toContainEqual: (value, one) => [...value].some((item) => equals(item, one)),
  toHaveLength: (value, length) => value.length === length,
  toMatch: (value, part) => (part instanceof RegExp ? part.test(value) : String(value).includes(part)),
  toHaveProperty: (value, path, ...rest) => {
    const there = property(value, path);
    return there !== null && (rest.length === 0 || equals(there[0], rest[0]));
  },
  toThrow: (value, expected) => {
    const result = typeof value === 'function' ? thrown(value) : value instanceof Error ? { error: value } : null;
    return result !== null && fits(result.error, expected);
  },
  toHaveBeenCalled: (value) => isMock(value) && value.mock.calls.length > 0,
  toHaveBeenCalledTimes: (value, count) => isMock(value) && value.mock.calls.length === count,
  toHaveBeenCalledWith: (value, ...values) => isMock(value) && value.mock.calls.some((call) => equals(call, values)),
  toHaveBeenLastCalledWith: (value, ...values) => isMock(value) && equals(value.mock.calls.at(-1), values),
  toHaveBeenNthCalledWith: (value, n, ...values) => isMock(value) && equals(value.mock.calls[n - 1], values),
  toHaveReturnedWith: (value, one) => isMock(value) && value.mock.results.some((result) => result.type === 'return' && equals(result.value, one)),
  toBeTypeOf: (value, type) => typeof value === type,
};
for (const [short, name] of Object.entries({
  toThrowError: 'toThrow', toBeCalled: 'toHaveBeenCalled', toBeCalledTimes: 'toHaveBeenCalledTimes',
  toBeCalledWith: 'toHaveBeenCalledWith', lastCalledWith: 'toHaveBeenLastCalledWith',
})) MATCHERS[short] = MATCHERS[name];

function refuse(name, value, others, negated) {
  const text = others.map(show).join(', ');
  const error = new ExpectationError(`expected ${show(value)} ${negated ? 'not ' : ''}${name}(${text})`);
  Error.captureStackTrace(error, refuse);
  return error;
}

function assertions(value, negated) {
  return Object.fromEntries(
    Object.entries(MATCHERS).map(([name, holds]) => [
      name,
      (...others) => {
        made += 1;
        if (Boolean(holds(value, ...others)) === negated) throw refuse(name, value, others, negated);
      },
    ]),
  );
}

function later(promise, kept, negated) {
  return Object.fromEntries(
    Object.keys(MATCHERS).map((name) => [
      name,
      async (...others) => {
        let value;
        let failed = false;
        try {
          value = await (typeof promise === 'function' ? promise() : promise);
        } catch (error) {
          failed = true;
          value = error;
        }
        made += 1;
        if (failed === kept) throw new ExpectationError(kept ? `the promise was broken: ${show(value)}` : `the promise was kept: ${show(value)}`);
        const holds = name.startsWith('toThrow') && !kept ? fits(value, others[0]) : MATCHERS[name](value, ...others);
        if (Boolean(holds) === negated) throw refuse(name, value, others, negated);
      },
    ]),
  );
}

const both = (make) => ({ ...make(false), not: make(true) });

export function expect(value) {
  return { ...both((negated) => assertions(value, negated)), resolves: both((negated) => later(value, true, negated)), rejects: both((negated) => later(value, false, negated)) };
}

const ofType = (value, type) => {
  const primitives = new Map([[String, 'string'], [Number, 'number'], [Boolean, 'boolean'], [BigInt, 'bigint'], [Symbol, 'symbol'], [Function, 'function'], [Object, 'object']]);
  return primitives.has(type) ? typeof value === primitives.get(type) : value instanceof type;
};
const forms = (negated) => {
  const form = (name, test) => (...parts) => matcher((value) => test(value, ...parts) !== negated, `${negated ? 'not ' : ''}${name}`);
  return {
    objectContaining: form('objectContaining', (value, part) => includes(value, part)),
    arrayContaining: form('arrayContaining', (value, items) => Array.isArray(value) && items.every((one) => value.some((item) => equals(item, one)))),
    stringContaining: form('stringContaining', (value, text) => typeof value === 'string' && value.includes(text)),
    stringMatching: form('stringMatching', (value, part) => typeof value === 'string' && new RegExp(part).test(value)),
  };
};
Object.assign(expect, forms(false), { not: forms(true) }, {
  any: (type) => matcher((value) => ofType(value, type), 'any'),
  anything: () => matcher((value) => value !== null && value !== undefined, 'anything'),
  closeTo: (other, digits) => matcher((value) => MATCHERS.toBeCloseTo(value, other, digits), 'closeTo'),
  assertions: (count) => { wanted = count; },
  hasAssertions: () => { wanted = true; },
});

// True for an error by which an assertion of the spec failed.
export const isAssertion = (error) => error instanceof ExpectationError || error?.code === 'ERR_ASSERTION';

export function remember(error) {
  if (isAssertion(error)) swallowed.push(error);
}

function mock(body) {
  const queue = [];
  let usual = body;
  const made = function (...values) {
    made.mock.calls.push(values);
    made.mock.contexts.push(this);
    const run = queue.shift() ?? usual;
    try {
      const value = new.target && run ? Reflect.construct(run, values) : run?.apply(this, values);
      made.mock.results.push({ type: 'return', value });
      return value;
    } catch (error) {
      made.mock.results.push({ type: 'throw', value: error });
      throw error;
    }
  };
  const chain = (change) => (...values) => { change(...values); return made; };
  made.mock = { calls: [], results: [], contexts: [] };
  return Object.assign(made, {
    mockImplementation: chain((run) => { usual = run; }),
    mockImplementationOnce: chain((run) => queue.push(run)),
    mockReturnValue: chain((value) => { usual = () => value; }),
    mockReturnValueOnce: chain((value) => queue.push(() => value)),
    mockResolvedValue: chain((value) => { usual = async () => value; }),
    mockResolvedValueOnce: chain((value) => queue.push(async () => value)),
    mockRejectedValue: chain((error) => { usual = async () => { throw error; }; }),
    mockClear: chain(() => { made.mock = { calls: [], results: [], contexts: [] }; }),
    mockReset: chain(() => { made.mock = { calls: [], results: [], contexts: [] }; usual = undefined; queue.length = 0; }),
  });
}

export const jest = { fn: mock, setTimeout() {}, clearAllMocks() {}, resetAllMocks() {}, restoreAllMocks() {} };
