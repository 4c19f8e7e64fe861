import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StringSet } from './sets.js';

// Compare the items of a set, which come in ascending order, each of them once.
function check(s, ...items) {
  assert.deepEqual(s.items(), items, 'the items, in ascending order');
  assert.equal(s.size, items.length, 'the number of items');
}

test('new', () => {
  check(new StringSet());
  check(new StringSet(['pear', 'fig', 'pear', '', 'Fig']), '', 'Fig', 'fig', 'pear');
  const given = ['b', 'a'];
  const s = new StringSet(given);
  given[0] = 'z';
  check(s, 'a', 'b');
  assert.deepEqual(given, ['z', 'a'], 'a new set has changed what it was given');
});

test('add', () => {
  const s = new StringSet();
  for (const item of ['b', 'a', '']) {
    assert.equal(s.add(item), true, `'${item}' is a new item`);
    assert.equal(s.add(item), false, `'${item}' is there already`);
  }
  check(s, '', 'a', 'b');
});

test('remove', () => {
  const s = new StringSet(['a', 'b', 'c']);
  assert.equal(s.remove('b'), true, 'b was there');
  assert.equal(s.remove('b'), false, 'b is there no more');
  check(s, 'a', 'c');
  assert.equal(s.add('b'), true, 'what was removed can be added again');
  check(s, 'a', 'b', 'c');
  ['a', 'b', 'c'].forEach((item) => s.remove(item));
  check(s);
});

test('contains', () => {
  const s = new StringSet(['a', 'b']);
  s.remove('b');
  const found = ['a', 'b', 'A', ''].map((item) => s.contains(item));
  assert.deepEqual(found, [true, false, false, false]);
});

test('items', () => {
  const s = new StringSet(['b', 'a']);
  const items = s.items();
  items[0] = 'z';
  check(s, 'a', 'b');
  s.remove('b');
  assert.deepEqual(items, ['z', 'b'], 'a list that was given out has changed');
});

test('union', () => {
  const a = new StringSet(['d', 'a']);
  const b = new StringSet(['c', 'a']);
  const u = a.union(b);
  check(u, 'a', 'c', 'd');
  assert.equal(u.add('x'), true, 'a union is a set like any other');
  u.remove('a');
  check(a, 'a', 'd');
  check(b, 'a', 'c');
  check(a.union(new StringSet()), 'a', 'd');
  check(a.union(a), 'a', 'd');
  b.add('e');
  a.remove('d');
  check(u, 'c', 'd', 'x');
});

test('intersect', () => {
  const a = new StringSet(['d', 'a', 'b']);
  const b = new StringSet(['b', 'c', 'd']);
  const i = a.intersect(b);
  check(i, 'b', 'd');
  i.add('x');
  i.remove('b');
  check(a, 'a', 'b', 'd');
  check(b, 'b', 'c', 'd');
  check(a.intersect(new StringSet()));
  check(a.intersect(a), 'a', 'b', 'd');
  b.add('a');
  check(i, 'd', 'x');
});
