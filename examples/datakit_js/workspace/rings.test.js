import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Ring } from './rings.js';

// Compare the elements of a ring, from the oldest to the newest.
function check(r, ...items) {
  assert.deepEqual(r.items(), items, 'the elements, from the oldest to the newest');
  assert.equal(r.size, items.length, 'the number of elements');
}

test('new', () => {
  const r = new Ring(3);
  check(r);
  assert.equal(r.capacity(), 3, 'an empty ring has its capacity');
  for (const capacity of [0, -1]) {
    assert.throws(() => new Ring(capacity), RangeError);
  }
});

test('push', () => {
  const r = new Ring(3);
  [[1], [1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6], [5, 6, 7]].forEach((items, i) => {
    r.push(i + 1);
    check(r, ...items);
  });
  assert.equal(r.capacity(), 3, 'the capacity never changes');
});

test('pop', () => {
  const r = new Ring(2);
  assert.throws(() => r.pop(), RangeError);
  [0, 1, 2, 3, 4].forEach((value) => r.push(value));
  assert.equal(r.pop(), 3, 'the oldest of those that are left is the first out');
  assert.equal(r.pop(), 4, 'then the newest');
  assert.throws(() => r.pop(), RangeError);
  check(r);
  r.push(8);
  r.push(9);
  check(r, 8, 9);
  assert.equal(r.pop(), 8, 'a ring that was emptied works as before');
  check(r, 9);
  assert.equal(r.capacity(), 2, 'the capacity never changes');
});

test('mixed', () => {
  const r = new Ring(3);
  const other = new Ring(1);
  r.push(-0.5);
  r.push(0);
  for (let i = 1; i < 30; i += 1) {
    r.push(i);
    r.push(i + 0.5);
    other.push(i);
    assert.equal(r.pop(), i - 1 + (i > 1 ? 0.5 : 0), 'the oldest makes room, the next oldest is the first out');
    check(r, i, i + 0.5);
    check(other, i);
  }
});

test('items', () => {
  const r = new Ring(2);
  r.push(1);
  r.push(2);
  const items = r.items();
  items[0] = 9;
  check(r, 1, 2);
  r.push(3);
  assert.deepEqual(items, [9, 2], 'a list that was given out has changed');
  check(r, 2, 3);
  items.push(4);
  check(r, 2, 3);
});
