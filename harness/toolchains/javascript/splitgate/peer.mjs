// Questions and answers between the two sides. Either side asks while it serves: a function of the spec that the code
// calls may call the code again.

import { GoneError, LineBuffer, readInto } from './frames.mjs';
import { Codec, Listing, ProtocolError } from './values.mjs';

const { defineProperty } = Object;
const OF_FUNCTIONS = ['apply', 'bind', 'call'];

export class Peer {
  depth = 0; // questions of the other side that are being served
  gone = null; // why the other side is no longer there
  #watched = new WeakSet();
  pending = new Map(); // promises of the other side by key: their two functions

  constructor(side) {
    this.codec = new Codec(
      side,
      (kind, key, facts) => this.#proxyOf(kind, key, facts),
      (promise, key) => this.#watch(promise, key),
    );
    this.lines = new LineBuffer();
  }

  // ---- what a side has of its own

  send() {
    throw new Error('a side sends by itself');
  }

  receive() {
    throw new Error('a side receives by itself');
  }

  operate() {
    throw new Error('a side serves by itself');
  }

  caught(error) {
    return error;
  }

  // ---- asking

  request(name, ...values) {
    if (this.gone) throw this.gone;
    this.#write(['q', name], values);
    for (;;) {
      const frame = this.#next(this.receive());
      if (frame[0] === 'a') return this.codec.decode(frame[2]);
      if (frame[0] === 'e') throw this.codec.decode(frame[2]);
      this.take(frame);
    }
  }

  notify(name, ...values) {
    if (!this.gone) this.#write(['n', name], values);
  }

  #write([kind, name], values) {
    const changes = this.codec.changes();
    const code = this.codec.encodeAll(values);
    this.send(JSON.stringify([kind, changes, code, name]));
  }

  // Serve a question, or take a notice.
  take([kind, , code, name]) {
    const values = code.map((one) => this.codec.decode(one));
    if (kind === 'n') {
      this.#settled(name, values);
      return;
    }
    let answer;
    this.depth += 1;
    try {
      answer = ['a', this.operate(name, values)];
    } catch (error) {
      if (error instanceof GoneError || error instanceof ProtocolError) throw error;
      answer = ['e', this.caught(error)];
    }
    try {
      this.send(JSON.stringify([answer[0], this.codec.changes(), this.codec.encode(answer[1])]));
    } catch (error) {
      if (error instanceof GoneError) throw error;
      this.send(JSON.stringify(['e', [], this.codec.encode(new TypeError(`a value cannot cross: ${error.message}`))]));
    } finally {
      this.depth -= 1;
    }
  }

  #next(text) {
    try {
      const frame = JSON.parse(text);
      for (const change of frame[1]) this.codec.decode(change);
      if (!'qnae'.includes(frame[0])) throw new ProtocolError('a message is none');
      return frame;
    } catch (error) {
      throw this.broken(error);
    }
  }

  broken(error) {
    this.gone = error instanceof GoneError ? error : new GoneError(`the process of the code broke the protocol: ${error.message}`);
    return this.gone;
  }

  // Take one message that came while nobody waited for an answer.
  heard(text) {
    const frame = this.#next(text);
    if (frame[0] !== 'q' && frame[0] !== 'n') throw this.broken(new ProtocolError('an answer came unasked'));
    this.take(frame);
  }

  // Tell the other side of the end of a promise that it was given.
  #watch(promise, key) {
    if (this.#watched.has(promise)) return;
    this.#watched.add(promise);
    const told = promise.then(
      (result) => this.notify('kept', key, result),
      (error) => this.notify('broken', key, this.caught(error)),
    );
    told.catch(() => {});
  }

  #settled(name, [key, value]) {
    const waiting = this.pending.get(key);
    this.pending.delete(key);
    if (waiting) waiting[name === 'kept' ? 0 : 1](value);
  }

  // ---- what stands here for things of the other side

  #proxyOf(kind, key, facts) {
    if (kind === 'p') {
      const promise = new Promise((resolve, reject) => this.pending.set(key, [resolve, reject]));
      promise.catch(() => {}); // nobody may ever look at it
      return promise;
    }
    const shell = kind === 'f' ? shellOf(facts) : {};
    const handle = new Proxy(shell, this.#traps(shell, () => handle));
    return handle;
  }

  #traps(shell, self) {
    const fixed = (name) => {
      const property = Reflect.getOwnPropertyDescriptor(shell, name);
      return property && !property.configurable ? property : undefined;
    };
    return {
      apply: (_, that, values) => this.request('call', self(), that, new Listing(values)),
      construct: (_, values) => {
        const made = this.request('new', self(), new Listing(values));
        if (Object(made) !== made) throw new TypeError('what was constructed is no object');
        return made;
      },
      get: (_, name) => {
        if (name === Symbol.hasInstance && typeof shell === 'function') {
          return (value) => Object(value) === value && this.request('instance', value, self()) === true;
        }
        if (typeof shell === 'function' && OF_FUNCTIONS.includes(name)) return Function.prototype[name];
        return this.request('get', self(), name);
      },
      set: (_, name, value) => this.request('set', self(), name, value) === true,
      has: (_, name) => fixed(name) !== undefined || this.request('has', self(), name) === true,
      deleteProperty: (_, name) => fixed(name) === undefined && this.request('delete', self(), name) === true,
      getPrototypeOf: () => {
        const prototype = this.request('prototype', self());
        return Object(prototype) === prototype ? prototype : null;
      },
      setPrototypeOf: () => false,
      preventExtensions: () => false,
      defineProperty: (_, name, property) => 'value' in property && this.request('set', self(), name, property.value) === true,
      ownKeys: () => {
        const names = this.request('keys', self());
        const known = Array.isArray(names) ? names.filter((name) => typeof name === 'string' || typeof name === 'symbol') : [];
        return [...new Set([...known, ...Reflect.ownKeys(shell).filter(fixed)])];
      },
      getOwnPropertyDescriptor: (_, name) => {
        const property = fixed(name) ? null : this.request('descriptor', self(), name);
        if (!Array.isArray(property)) return fixed(name);
        return { value: property[0], enumerable: property[1] === true, configurable: true, writable: true };
      },
    };
  }
}

function shellOf({ name, length, isClass }) {
  const shell = isClass === true ? class {} : function () {};
  defineProperty(shell, 'name', { value: String(name).slice(0, 200), configurable: true });
  defineProperty(shell, 'length', { value: Number(length) || 0, configurable: true });
  return shell;
}
