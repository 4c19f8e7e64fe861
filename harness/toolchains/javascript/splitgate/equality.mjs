// Equality as jest has it: `equals` looks at values, `strictly` at types, holes and undefined properties too.

import { types } from 'node:util';

const matchers = new WeakSet();
const toText = Object.prototype.toString;

// A matcher of the spec, such as expect.any(Number). What else looks like one is none.
export function matcher(test, text) {
  const made = { test, toString: () => text };
  matchers.add(made);
  return made;
}

export const isMatcher = (value) => matchers.has(value);

export function equals(a, b, strictly = false) {
  return same(a, b, strictly, [], []);
}

function same(a, b, strictly, left, right) {
  if (matchers.has(b)) return b.test(a);
  if (matchers.has(a)) return a.test(b);
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  for (let at = left.length - 1; at >= 0; at -= 1) {
    if (left[at] === a) return right[at] === b;
    if (right[at] === b) return false;
  }
  if (strictly && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (types.isProxy(a) !== types.isProxy(b) && (isExotic(a) || isExotic(b))) return false;
  if (toText.call(a) !== toText.call(b)) return false;
  left.push(a);
  right.push(b);
  try {
    return contents(a, b, strictly, left, right);
  } finally {
    left.pop();
    right.pop();
  }
}

const isExotic = (value) => types.isDate(value) || types.isRegExp(value) || types.isMap(value) || types.isSet(value) || types.isBoxedPrimitive(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || Array.isArray(value);

function contents(a, b, strictly, left, right) {
  const inner = (x, y) => same(x, y, strictly, left, right);
  if (types.isDate(a)) return Object.is(Number(a), Number(b));
  if (types.isRegExp(a)) return a.source === b.source && a.flags === b.flags;
  if (types.isNativeError(a)) return a.name === b.name && a.message === b.message;
  if (types.isBoxedPrimitive(a)) return Object.is(a.valueOf(), b.valueOf());
  if (types.isAnyArrayBuffer(a)) return Buffer.from(a).equals(Buffer.from(b));
  if (types.isMap(a)) {
    if (a.size !== b.size) return false;
    return [...a].every(([key, value]) => (b.has(key) ? inner(value, b.get(key)) : [...b].some(([other, one]) => inner(key, other) && inner(value, one))));
  }
  if (types.isSet(a)) return a.size === b.size && [...a].every((value) => b.has(value) || [...b].some((one) => inner(value, one)));
  if (Array.isArray(a) && a.length !== b.length) return false;
  const names = (value) => Reflect.ownKeys(value).filter((name) => Object.getOwnPropertyDescriptor(value, name)?.enumerable);
  const first = names(a);
  const second = names(b);
  if (strictly && first.length !== second.length) return false;
  for (const name of new Set([...first, ...second])) {
    const [here, there] = [first.includes(name), second.includes(name)];
    if (strictly && here !== there) return false;
    if (!inner(here ? a[name] : undefined, there ? b[name] : undefined)) return false;
  }
  return true;
}

// True if `value` has all that `part` asks for.
export function includes(value, part) {
  if (isMatcher(part)) return part.test(value);
  if (part === null || typeof part !== 'object' || value === null || typeof value !== 'object') return equals(value, part);
  if (Array.isArray(part)) return Array.isArray(value) && value.length === part.length && part.every((one, at) => includes(value[at], one));
  if (isExotic(part) || types.isNativeError(part)) return equals(value, part);
  return Reflect.ownKeys(part).every((name) => name in value && includes(value[name], part[name]));
}
