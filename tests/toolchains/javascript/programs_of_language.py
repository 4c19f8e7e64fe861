"""Programs that use the language: classes, iterators, promises, shared data and kinds of values."""

from toolchains.javascript.conftest import Sources

LANGUAGE_PROGRAMS: dict[str, tuple[Sources, tuple[str, str, str]]] = {
    "classes": (
        {
            "shapes.js": """
                export class Shape {
                  static count = 0;
                  constructor(name) { this.name = name; Shape.count += 1; }
                  get label() { return `${this.name}: ${this.area().toFixed(1)}`; }
                  set label(text) { this.name = text; }
                  area() { return 0; }
                  toString() { return `<${this.name}>`; }
                  toJSON() { return { name: this.name }; }
                  static of(name) { return new this(name); }
                }
                export class Square extends Shape {
                  #side;
                  constructor(side) { super('square'); this.#side = side; }
                  area() { return this.#side ** 2; }
                  larger(other) { return this.#side > other.#side; }
                }
            """,
            "shapes.test.js": """
                import { Shape, Square } from './shapes.js';
                test('shapes', () => {
                  const square = new Square(3);
                  expect(square.area()).toBe(9);
                  expect(square.label).toBe('square: 9.0');
                  square.label = 'box';
                  expect(square.name).toBe('box');
                  expect(`${square}`).toBe('<box>');
                  expect(JSON.stringify({ square })).toBe('{"square":{"name":"box"}}');
                  expect(square).toBeInstanceOf(Square);
                  expect(square instanceof Shape).toBe(true);
                  expect(new Shape('x') instanceof Square).toBe(false);
                  expect(Shape.count).toBe(2);
                  expect(square.larger(new Square(2))).toBe(true);
                  expect(Shape.of('y').name).toBe('y');
                  expect(Object.keys(square)).toEqual(['name']);
                  expect(square.constructor).toBe(Square);
                  expect(Square.name).toBe('Square');
                  expect('area' in square).toBe(true);
                  expect(() => Square.prototype.larger.call(square, {})).toThrow(TypeError);
                });
            """,
        },
        ("shapes.js", "** 2", "* 2"),
    ),
    "iterators": (
        {
            "lazy.js": """
                export function* take(items, n) { for (const item of items) { if (n-- <= 0) return 'end'; yield item; } }
                export function* naturals() { for (let n = 1; ; n += 1) { const reset = yield n; if (reset) n = 0; } }
                export class Range {
                  constructor(low, high) { this.low = low; this.high = high; }
                  [Symbol.iterator]() { let at = this.low; const high = this.high; return { next: () => (at < high ? { value: at++, done: false } : { value: undefined, done: true }) }; }
                }
                export async function* ticks(n) { for (let at = 0; at < n; at += 1) { await new Promise((done) => setTimeout(done, 1)); yield at; } }
            """,
            "lazy.test.js": """
                import { take, naturals, Range, ticks } from './lazy.js';
                test('generators', () => {
                  expect([...take(naturals(), 3)]).toEqual([1, 2, 3]);
                  expect([...take([7, 8, 9], 2)]).toEqual([7, 8]);
                  expect([...take(new Set(['a']), 2)]).toEqual(['a']);
                  const endless = naturals();
                  endless.next(); endless.next();
                  expect(endless.next(true)).toEqual({ value: 1, done: false });
                  const own = (function* () { yield 4; yield 5; })();
                  expect([...take(own, 9)]).toEqual([4, 5]);
                });
                test('iterables', () => {
                  const range = new Range(2, 5);
                  expect([...range]).toEqual([2, 3, 4]);
                  expect(Math.max(...range)).toBe(4);
                  const [first, ...rest] = range;
                  expect([first, rest]).toEqual([2, [3, 4]]);
                  expect(Array.from(range, (n) => n * 2)).toEqual([4, 6, 8]);
                });
                test('async', async () => {
                  const seen = [];
                  for await (const tick of ticks(3)) seen.push(tick);
                  expect(seen).toEqual([0, 1, 2]);
                });
            """,
        },
        ("lazy.js", "if (reset) n = 0;", ""),
    ),
    "promises": (
        {
            "jobs.js": """
                export class JobError extends Error { constructor(id, options) { super(`job ${id} failed`, options); this.name = 'JobError'; this.id = id; } }
                export async function run(job) { try { return await job(); } catch (cause) { throw new JobError(7, { cause }); } }
                export const all = (jobs) => Promise.all(jobs.map((job) => run(job)));
                export async function retry(job, times) { for (let at = 1; ; at += 1) try { return await job(at); } catch (error) { if (at >= times) throw error; } }
                export const soon = (call) => setTimeout(() => call('now'), 2);
            """,
            "jobs.test.js": """
                import { JobError, all, retry, run, soon } from './jobs.js';
                test('kept', async () => { expect(await all([async () => 1, () => 2])).toEqual([1, 2]); });
                test('broken', async () => {
                  await expect(run(async () => { throw new Error('inner'); })).rejects.toThrow(JobError);
                  const error = await run(() => { throw new RangeError('inner'); }).catch((reason) => reason);
                  expect(error.message).toBe('job 7 failed');
                  expect(error.id).toBe(7);
                  expect(error.cause).toBeInstanceOf(RangeError);
                  expect(error.cause.message).toBe('inner');
                  expect(error.name).toBe('JobError');
                });
                test('retry', async () => {
                  const job = jest.fn(async (at) => { if (at < 3) throw new Error('again'); return at; });
                  await expect(retry(job, 5)).resolves.toBe(3);
                  expect(job).toHaveBeenCalledTimes(3);
                  await expect(retry(async () => { throw new Error('never'); }, 2)).rejects.toThrow('never');
                });
                test('done', (done) => { soon((text) => { expect(text).toBe('now'); done(); }); });
            """,
        },
        ("jobs.js", "throw new JobError(7, { cause });", "throw cause;"),
    ),
    "shared_data": (
        {
            "lists.js": """
                export function sortInPlace(items, by = (a, b) => a - b) { items.sort(by); return items; }
                export const copy = (items) => [...items];
                export function group(items, key) { const result = {}; for (const item of items) (result[key(item)] ??= []).push(item); return result; }
                export const settings = Object.freeze({ depth: 3, tags: ['a'] });
                export class Box { constructor() { this.items = []; } add(item) { this.items.push(item); return this.items; } has(item) { return this.items.includes(item); } }
            """,
            "lists.test.js": """
                import { Box, copy, group, settings, sortInPlace } from './lists.js';
                test('in place', () => {
                  const items = [3, 1, 2];
                  expect(sortInPlace(items)).toBe(items);
                  expect(items).toEqual([1, 2, 3]);
                  expect(copy(items)).not.toBe(items);
                  expect(sortInPlace(['b', 'a'], (a, b) => (a < b ? -1 : 1))).toEqual(['a', 'b']);
                });
                test('identity', () => {
                  const box = new Box();
                  const item = { deep: { er: 1 } };
                  expect(box.add(item)[0]).toBe(item);
                  expect(box.has(item)).toBe(true);
                  expect(box.has({ deep: { er: 1 } })).toBe(false);
                  expect(box.items).toBe(box.items);
                  box.items.push('from outside');
                  expect(box.has('from outside')).toBe(true);
                  item.deep.er = 2;
                  expect(box.items[0].deep.er).toBe(2);
                });
                test('objects', () => {
                  const animals = [{ kind: 'cat', n: 1 }, { kind: 'dog', n: 2 }, { kind: 'cat', n: 3 }];
                  const groups = group(animals, (animal) => animal.kind);
                  expect(groups).toEqual({ cat: [{ kind: 'cat', n: 1 }, { kind: 'cat', n: 3 }], dog: [{ kind: 'dog', n: 2 }] });
                  expect(groups.dog[0]).toBe(animals[1]);
                  expect(Object.isFrozen(settings)).toBe(true);
                  expect(() => { settings.depth = 4; }).toThrow(TypeError);
                });
            """,
        },
        ("lists.js", "items.sort(by); return items;", "return [...items].sort(by);"),
    ),
    "values": (
        {
            "values.js": """
                export const big = (n) => 2n ** BigInt(n);
                export const tally = (text) => { const counts = new Map(); for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1); return counts; };
                export const unique = (items) => new Set(items);
                export const day = (text) => new Date(`${text}T00:00:00Z`);
                export const word = () => /a(?<letter>b)/giu;
                export const bytes = (text) => new TextEncoder().encode(text);
                export const odd = () => [undefined, null, NaN, -0, Infinity];
                export const KIND = Symbol('kind');
                export const marked = () => ({ [KIND]: 1, plain: 2 });
                export const find = (text) => text.match(/(?<year>\\d+)-(?<month>\\d+)/);
                export const sum = (...numbers) => numbers.reduce((a, b) => a + b, 0);
                export const tag = (strings, ...values) => strings.raw.join('|') + values.length;
                export const greet = ({ name = 'you', times = 1 } = {}) => Array(times).fill(`hi ${name}`).join(' ');
                export default function main(argument) { return this === undefined ? typeof argument : 'bound'; }
            """,
            "values.test.js": """
                import main, * as values from './values.js';
                import assert from 'node:assert/strict';
                test('values', () => {
                  expect(values.big(70)).toBe(1180591620717411303424n);
                  expect(values.tally('aab')).toEqual(new Map([['a', 2], ['b', 1]]));
                  assert.deepEqual(values.unique([1, 1, 2]), new Set([1, 2]));
                  expect(values.day('2024-02-29').getTime()).toBe(1709164800000);
                  expect(values.day('2024-02-29')).toEqual(new Date(1709164800000));
                  expect('xAB'.replace(values.word(), '-')).toBe('x-');
                  expect(values.bytes('hé')).toEqual(new Uint8Array([104, 195, 169]));
                  expect(values.odd()).toEqual([undefined, null, NaN, -0, Infinity]);
                  expect(values.marked()[values.KIND]).toBe(1);
                  expect(values.find('on 2024-05').groups.month).toBe('05');
                  expect(values.find('none')).toBeNull();
                  expect(values.sum(1, 2, 3)).toBe(6);
                  expect(values.sum.length).toBe(0);
                  expect(values.tag`a${1}b`).toBe('a|b1');
                  expect(values.greet()).toBe('hi you');
                  expect(values.greet({ name: 'Ada', times: 2 })).toBe('hi Ada hi Ada');
                  expect(main(3)).toBe('number');
                });
            """,
        },
        ("values.js", "counts.get(c) ?? 0", "counts.get(c) ?? 1"),
    ),
}
