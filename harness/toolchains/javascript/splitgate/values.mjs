// Values as they cross: plain data as copies that are kept alike on both sides, everything else as handles.
//
// What may be built of what the other side sends is a fixed list. No name of it is ever looked up on an object here, and
// no object of this side can be reached by another way than the handles that it gave away.

const isArray = Array.isArray;
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, isFrozen, setPrototypeOf } = Object;
const ownKeys = Reflect.ownKeys;
const functionToString = Function.prototype.toString;
const ErrorBase = Error;

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const BINARY = {
  ArrayBuffer, Uint8Array, Int8Array, Uint8ClampedArray, Uint16Array, Int16Array, Uint32Array, Int32Array,
  Float32Array, Float64Array, BigUint64Array, BigInt64Array,
};
const MOST_SHARED = 4000; // containers that are kept alike; older ones are forgotten

// Things that each side has for itself, by name: the same name is the same thing on the other side.
const NAMED = {
  'Object.prototype': Object.prototype, 'Array.prototype': Array.prototype, 'Error.prototype': Error.prototype,
  Object, Array, Map, Set, Date, RegExp, Number, String, Boolean, BigInt, Symbol, ...ERRORS,
};
const nameOf = new Map(Object.entries(NAMED).map(([name, value]) => [value, name]));
const SYMBOLS = ['iterator', 'asyncIterator', 'hasInstance', 'toPrimitive', 'toStringTag', 'species', 'match', 'replace', 'search', 'split', 'isConcatSpreadable', 'unscopables'];
const wellKnown = new Map(SYMBOLS.map((name) => [Symbol[name], name]));

export class ProtocolError extends Error {}

// A list of values that is no value itself, such as the arguments of a call: it is not kept alike.
export class Listing {
  constructor(items) {
    this.items = items;
  }
}

function plainKind(value) {
  if (isArray(value)) return getPrototypeOf(value) === Array.prototype ? 'a' : '';
  const prototype = getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'o';
  if (prototype === Map.prototype) return 'm';
  if (prototype === Set.prototype) return 's';
  return '';
}

// Own properties that are not data: then the object stays where it is.
function allData(value) {
  for (const key of ownKeys(value)) {
    if (isArray(value) && key === 'length') continue;
    const property = getOwnPropertyDescriptor(value, key);
    if (!('value' in property)) return false;
  }
  return true;
}

export class Codec {
  #side;
  #count = 0;
  #keys = new WeakMap(); // key of an object, whichever side owns it
  #objects = new Map(); // object by key
  #shared = new Map(); // containers by key, with the text that both sides last knew
  #symbols = new Map();
  #handles = new WeakSet(); // proxies: looking at one asks the other side

  // `side` is a letter. `proxyOf(kind, key, facts)` makes what stands here for a handle of the other side;
  // `given(promise, key)` is called with each promise that the other side is given.
  constructor(side, proxyOf, given) {
    this.#side = side;
    this.proxyOf = proxyOf;
    this.given = given;
  }

  isHandle(value) {
    return this.#handles.has(value);
  }

  keyOf(value) {
    let key = this.#keys.get(value);
    if (key === undefined) {
      key = `${this.#side}${++this.#count}`;
      this.#keys.set(value, key);
      this.#objects.set(key, value);
    }
    return key;
  }

  isForeign(value) {
    const key = this.#keys.get(value);
    return key !== undefined && key[0] !== this.#side;
  }

  // The object that the other side means, of those that it was given.
  own(key) {
    const value = typeof key === 'string' && key[0] === this.#side ? this.#objects.get(key) : undefined;
    if (value === undefined) throw new ProtocolError(`nothing is known as ${String(key).slice(0, 40)}`);
    return value;
  }

  #remember(key, value) {
    this.#keys.set(value, key);
    this.#objects.set(key, value);
    return value;
  }

  // ---- to the other side

  encodeAll(values) {
    const seen = new Set();
    return values.map((value) => this.#encode(value, seen));
  }

  encode(value) {
    return this.#encode(value, new Set());
  }

  #encode(value, seen) {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return ['u'];
      case 'bigint':
        return ['b', `${value}`];
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : ['n', Object.is(value, -0) ? '-0' : `${value}`];
      case 'symbol':
        return this.#encodeSymbol(value);
    }
    if (value === null) return null;
    const name = nameOf.get(value);
    if (name) return ['B', name];
    const isHandle = this.#handles.has(value);
    if (!isHandle && getPrototypeOf(value) === Listing.prototype) return ['l', value.items.map((one) => this.#encode(one, seen))];
    const key = this.keyOf(value);
    if (isHandle) return ['R', key];
    if (seen.has(key)) return ['#', key];
    if (typeof value === 'function') {
      if (key[0] !== this.#side) return ['R', key];
      return ['f', key, { name: String(value.name), length: Number(value.length) || 0, isClass: isClass(value) }];
    }
    const kind = plainKind(value);
    if (kind && (kind === 'm' || kind === 's' || allData(value))) {
      seen.add(key);
      return this.#container(kind, key, value, seen);
    }
    if (key[0] !== this.#side) return ['R', key];
    const prototype = getPrototypeOf(value);
    if (prototype === Date.prototype) return ['d', key, Number(value)];
    if (prototype === RegExp.prototype) return ['r', key, value.source, value.flags, value.lastIndex];
    if (prototype === Promise.prototype) {
      this.given(value, key);
      return ['p', key];
    }
    for (const [type, constructor] of Object.entries(BINARY)) {
      if (prototype === constructor.prototype || (type === 'Uint8Array' && value instanceof Uint8Array && prototype === Buffer.prototype)) {
        const bytes = type === 'ArrayBuffer' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return ['t', key, prototype === Buffer.prototype ? 'Buffer' : type, bytes.toString('base64')];
      }
    }
    if (value instanceof ErrorBase) return this.#encodeError(key, value, seen);
    return ['i', key, { iterable: typeof value[Symbol.iterator] === 'function' }];
  }

  #encodeSymbol(value) {
    if (wellKnown.has(value)) return ['y', wellKnown.get(value)];
    const registered = Symbol.keyFor(value);
    if (registered !== undefined) return ['Y', registered];
    for (const [key, symbol] of this.#symbols) if (symbol === value) return ['k', key, String(value.description ?? '')];
    const key = `${this.#side}${++this.#count}`;
    this.#symbols.set(key, value);
    return ['k', key, String(value.description ?? '')];
  }

  #encodeError(key, value, seen) {
    seen.add(key);
    const kind = nameOf.get(value.constructor);
    const exact = kind && ERRORS[kind] && getPrototypeOf(value) === ERRORS[kind].prototype ? kind : '';
    const base = Object.keys(ERRORS).reverse().find((name) => value instanceof ERRORS[name]) ?? '';
    const properties = [];
    for (const name of ownKeys(value)) {
      if (name === 'stack') continue;
      const property = getOwnPropertyDescriptor(value, name);
      if ('value' in property) properties.push([this.#encode(name, seen), this.#encode(property.value, seen), property.enumerable]);
    }
    const inherited = exact ? [] : ['name', 'message'].filter((name) => !properties.some(([own]) => own === name)).map((name) => [name, this.#encode(value[name], seen), false]);
    return ['e', key, base, exact ? null : this.#encode(value.constructor, seen), [...inherited, ...properties]];
  }

  #container(kind, key, value, seen) {
    const text = (one) => this.#encode(one, seen);
    let content;
    if (kind === 'm') content = [...Map.prototype.entries.call(value)].map(([name, one]) => [text(name), text(one)]);
    else if (kind === 's') content = [...Set.prototype.values.call(value)].map(text);
    else {
      const names = ownKeys(value).filter((name) => !(kind === 'a' && name === 'length'));
      content = names.map((name) => [text(name), text(value[name]), getOwnPropertyDescriptor(value, name).enumerable]);
      if (kind === 'a') content.unshift(value.length);
    }
    const flags = (getPrototypeOf(value) === null ? 1 : 0) + (isFrozen(value) ? 2 : 0);
    const code = [kind, key, flags, content];
    this.#note(key, value, code);
    return code;
  }

  #note(key, value, code) {
    this.#shared.delete(key);
    this.#shared.set(key, [value, shallow(code), glance(value)]);
    if (this.#shared.size > MOST_SHARED) this.#shared.delete(this.#shared.keys().next().value);
  }

  // Containers that both sides know and that changed here since they last crossed.
  changes() {
    const changed = [];
    for (const [key, [value, text, seenAs]] of [...this.#shared]) {
      if (isAsSeen(value, seenAs)) continue;
      const kind = plainKind(value);
      if (!kind || (kind !== 'm' && kind !== 's' && !allData(value))) continue;
      const seen = new Set([key]);
      const before = this.#shared.get(key);
      const code = this.#container(kind, key, value, seen);
      if (shallow(code) === text) this.#shared.set(key, before);
      else changed.push(code);
    }
    return changed;
  }

  // ---- from the other side

  decode(code) {
    if (code === null || typeof code === 'string' || typeof code === 'boolean' || typeof code === 'number') return code;
    if (!isArray(code)) throw new ProtocolError('a value is none');
    const [kind, key] = code;
    switch (kind) {
      case 'u':
        return undefined;
      case 'b':
        return BigInt(String(key));
      case 'n':
        return Number(key);
      case 'y':
        if (!SYMBOLS.includes(key)) throw new ProtocolError('a symbol is unknown');
        return Symbol[key];
      case 'Y':
        return Symbol.for(String(key));
      case 'k':
        if (!this.#symbols.has(key)) this.#symbols.set(String(key), Symbol(String(code[2])));
        return this.#symbols.get(key);
      case 'B':
        if (!Object.hasOwn(NAMED, key)) throw new ProtocolError('a name is unknown');
        return NAMED[key];
      case 'R':
        return this.own(key);
      case '#':
        return this.#known(key);
      case 'l':
        if (!isArray(key)) throw new ProtocolError('a list is none');
        return key.map((one) => this.decode(one));
      case 'a':
      case 'o':
      case 'm':
      case 's':
        return this.#filled(code);
      case 'd':
        return this.#objects.get(key) ?? this.#remember(key, new Date(Number(code[2])));
      case 'r':
        return this.#objects.get(key) ?? this.#remember(key, new RegExp(String(code[2]), String(code[3])));
      case 't':
        return this.#objects.get(key) ?? this.#remember(key, binary(String(code[2]), String(code[3])));
      case 'e':
        return this.#error(code);
      case 'f':
      case 'i':
      case 'p': {
        const known = this.#objects.get(key);
        if (known !== undefined) return known;
        this.#require(key);
        const made = this.#remember(key, this.proxyOf(kind, key, Object(code[2])));
        if (kind !== 'p') this.#handles.add(made);
        return made;
      }
    }
    throw new ProtocolError('a kind of value is unknown');
  }

  #require(key) {
    if (typeof key !== 'string' || key[0] === this.#side || !/^[a-z]\d+$/.test(key)) throw new ProtocolError('a key is none');
  }

  #known(key) {
    const value = this.#objects.get(key);
    if (value === undefined) throw new ProtocolError('a value is not there');
    return value;
  }

  #filled([kind, key, flags, content]) {
    let value = this.#objects.get(key);
    if (value === undefined) {
      this.#require(key);
      value = kind === 'a' ? [] : kind === 'm' ? new Map() : kind === 's' ? new Set() : {};
      if (flags & 1) setPrototypeOf(value, null);
      this.#remember(key, value);
    } else if (plainKind(value) !== kind) throw new ProtocolError('a value changed its kind');
    if (isFrozen(value) && kind !== 'm' && kind !== 's') {
      content.slice(kind === 'a' ? 1 : 0).forEach(([, code]) => this.decode(code));
      return value;
    }
    if (kind === 'm') {
      value.clear();
      for (const [name, one] of content) value.set(this.decode(name), this.decode(one));
    } else if (kind === 's') {
      value.clear();
      for (const one of content) value.add(this.decode(one));
    } else {
      const entries = kind === 'a' ? content.slice(1) : content;
      const names = new Map(entries.map(([name, one, enumerable]) => [this.decode(name), [one, enumerable]]));
      for (const name of ownKeys(value)) if (!names.has(name) && !(kind === 'a' && name === 'length')) delete value[name];
      for (const [name, [one, enumerable]] of names) {
        defineProperty(value, name, { value: this.decode(one), writable: true, configurable: true, enumerable: Boolean(enumerable) });
      }
      if (kind === 'a') value.length = content[0];
    }
    if (flags & 2) freeze(value);
    const seen = new Set([key]);
    this.#container(kind, key, value, seen);
    return value;
  }

  #error([, key, base, constructor, properties]) {
    let value = this.#objects.get(key);
    if (value === undefined) {
      this.#require(key);
      value = new (Object.hasOwn(ERRORS, base) ? ERRORS[base] : ErrorBase)();
      delete value.message;
      this.#remember(key, value);
      if (constructor !== null) defineProperty(value, 'constructor', { value: this.decode(constructor), configurable: true, writable: true });
    }
    for (const [name, one, enumerable] of properties) {
      defineProperty(value, this.decode(name), { value: this.decode(one), writable: true, configurable: true, enumerable: Boolean(enumerable) });
    }
    return value;
  }
}

// The elements of an array, by which it is quickly known that nothing changed; null for all else.
function glance(value) {
  return isArray(value) ? { names: ownKeys(value), items: [...value], frozen: isFrozen(value) } : null;
}

function isAsSeen(value, seenAs) {
  if (seenAs === null || value.length !== seenAs.items.length || isFrozen(value) !== seenAs.frozen) return false;
  if (plainKind(value) !== 'a' || !allData(value)) return false;
  const names = ownKeys(value);
  return names.length === seenAs.names.length && names.every((name, at) => name === seenAs.names[at]) && seenAs.items.every((one, at) => Object.is(one, value[at]));
}

// One level of a container: what is below has a key of its own.
function shallow(code) {
  const cut = (one) => (isArray(one) && typeof one[1] === 'string' && 'aoms#Rfipetdr'.includes(one[0]) && one[0].length === 1 ? ['#', one[1]] : one);
  const [kind, , flags, content] = code;
  const cutContent = content.map((entry) => (isArray(entry) && kind !== 's' ? [cut(entry[0]), cut(entry[1]), entry[2]] : cut(entry)));
  return JSON.stringify([kind, flags, cutContent]);
}

function isClass(value) {
  try {
    return /^class\b/.test(functionToString.call(value));
  } catch {
    return false;
  }
}

function binary(type, text) {
  const bytes = Buffer.from(text, 'base64');
  if (type === 'Buffer') return bytes;
  if (!Object.hasOwn(BINARY, type)) throw new ProtocolError('a kind of bytes is unknown');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return type === 'ArrayBuffer' ? buffer : new BINARY[type](buffer);
}
