"""Programs that use what node brings: its test runner, its events, CommonJS modules; and closures."""

from toolchains.javascript.conftest import Sources

RUNTIME_PROGRAMS: dict[str, tuple[Sources, tuple[str, str, str]]] = {
    "node_test": (
        {
            "queue.js": """
                import { EventEmitter } from 'node:events';
                export class Queue extends EventEmitter {
                  #items = [];
                  push(item) { this.#items.push(item); this.emit('pushed', item, this.#items.length); return this; }
                  shift() { if (!this.#items.length) throw new RangeError('the queue is empty'); return this.#items.shift(); }
                  get length() { return this.#items.length; }
                }
            """,
            "test/queue.test.js": """
                import test, { describe, it, beforeEach } from 'node:test';
                import assert from 'node:assert';
                import { Queue } from '../queue.js';
                test('order', () => { const queue = new Queue(); queue.push(1).push(2); assert.strictEqual(queue.shift(), 1); });
                test('steps', async (t) => {
                  const queue = new Queue();
                  await t.test('empty', () => { assert.throws(() => queue.shift(), { name: 'RangeError', message: 'the queue is empty' }); });
                  await t.test('full', async () => { queue.push('x'); assert.equal(queue.length, 1); });
                });
                describe('events', () => {
                  let queue, seen;
                  beforeEach(() => { queue = new Queue(); seen = []; queue.on('pushed', (item, length) => seen.push([item, length])); });
                  it('tells of each item', () => { queue.push('a').push('b'); assert.deepStrictEqual(seen, [['a', 1], ['b', 2]]); });
                  it('starts anew', () => { assert.deepStrictEqual(seen, []); });
                });
            """,
        },
        ("queue.js", "this.#items.shift()", "this.#items.pop()"),
    ),
    "common_js": (
        {
            "package.json": '{"name": "stock", "type": "commonjs"}',
            "lib/prices.json": '{"tea": 150, "sugar": 99}',
            "lib/stock.js": """
                const prices = require('./prices.json');
                class Unknown extends Error {}
                function total(items) { return items.reduce((sum, item) => { if (!(item in prices)) throw new Unknown(item); return sum + prices[item]; }, 0); }
                module.exports = { total, Unknown, prices };
            """,
            "stock.spec.js": """
                const { total, Unknown } = require('./lib/stock');
                const prices = require('./lib/prices.json');
                describe('total', () => {
                  it.each([[['tea'], 150], [['tea', 'sugar'], 249], [[], 0]])('of %j is %i', (items, expected) => { expect(total(items)).toBe(expected); });
                  it('knows its prices', () => { expect(prices.tea).toBe(150); });
                  it('refuses others', () => { expect(() => total(['gold'])).toThrow(Unknown); expect(() => total(['gold'])).toThrow('gold'); });
                  xit('is left out', () => { throw new Error(); });
                });
            """,
        },
        ("lib/stock.js", "sum + prices[item]", "sum + 1"),
    ),
    "closures": (
        {
            "tools.js": """
                export function counter(start = 0) { let n = start; return { up: () => ++n, down: () => --n, get value() { return n; } }; }
                export const curry = (call) => (a) => (b) => call(a, b);
                export const compose = (...calls) => (value) => calls.reduceRight((result, call) => call(result), value);
                export function memo(call) { const known = new Map(); return (key) => { if (!known.has(key)) known.set(key, call(key)); return known.get(key); }; }
                export const mixin = (target) => Object.assign(target, { shout() { return this.text.toUpperCase(); } });
            """,
            "tools.test.js": """
                import { compose, counter, curry, memo, mixin } from './tools.js';
                describe('closures', () => {
                  it('count', () => { const c = counter(5); c.up(); c.up(); c.down(); expect(c.value).toBe(6); expect(counter().value).toBe(0); });
                  it('curry', () => { expect(curry((a, b) => a * b)(6)(7)).toBe(42); });
                  it('compose', () => { expect(compose((x) => x + 1, (x) => x * 2)(5)).toBe(11); });
                  it('remember', () => { const slow = jest.fn((x) => ({ x })); const quick = memo(slow); expect(quick(1)).toBe(quick(1)); expect(slow).toHaveBeenCalledTimes(1); expect(slow).toHaveBeenCalledWith(1); });
                  it('mix', () => { const note = { text: 'hey' }; expect(mixin(note)).toBe(note); expect(note.shout()).toBe('HEY'); note.text = 'ho'; expect(note.shout()).toBe('HO'); });
                });
            """,
        },
        ("tools.js", "reduceRight", "reduce"),
    ),
}
