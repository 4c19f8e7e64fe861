import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Stack } from './stacks.js';

// Return a stack onto which the values have been pushed, the last one on top.
function stackOf(...values) {
  const s = new Stack();
  values.forEach((value) => s.push(value));
  return s;
}

// Compare the elements of a stack, from the bottom to the top.
function check(s, ...items) {
  assert.deepEqual(s.items(), items, 'the elements, from the bottom to the top');
  assert.equal(s.size, items.length, 'the number of elements');
}

// Expect that a stack has nothing to give, however often it is asked.
function checkEmpty(s) {
  for (let i = 0; i < 2; i += 1) {
    assert.throws(() => s.pop(), RangeError);
    assert.throws(() => s.peek(), RangeError);
  }
  check(s);
}

test('empty', () => {
  const s = new Stack();
  check(s);
  checkEmpty(s);
  s.push(7);
  check(s, 7);
  assert.equal(s.pop(), 7, 'an empty stack can be used like a new one');
  checkEmpty(s);
});

test('push and pop', () => {
  let s = stackOf(3, 1, 2);
  check(s, 3, 1, 2);
  assert.equal(s.pop(), 2, 'the last in is the first out');
  check(s, 3, 1);
  assert.equal(s.pop(), 1, 'then the one before it');
  check(s, 3);
  assert.equal(s.pop(), 3, 'and at last the first in');
  checkEmpty(s);
  s = stackOf(1, 2);
  assert.equal(s.pop(), 2);
  s.push(0);
  s.push(0);
  check(s, 1, 0, 0);
  assert.equal(s.pop(), 0, 'equal elements are kept apart');
  check(s, 1, 0);
});

test('peek', () => {
  const s = stackOf(4, -5);
  for (let i = 0; i < 2; i += 1) {
    assert.equal(s.peek(), -5, 'peek returns the top, and leaves it there');
  }
  check(s, 4, -5);
  s.pop();
  assert.equal(s.peek(), 4, 'peek returns what has become the top');
  check(s, 4);
  s.pop();
  checkEmpty(s);
});

test('items', () => {
  const s = stackOf(1, 2, 3);
  const items = s.items();
  items[0] = items[2] = 9;
  check(s, 1, 2, 3);
  s.pop();
  s.push(8);
  assert.deepEqual(items, [9, 2, 9], 'a list that was given out has changed');
  const other = stackOf(5);
  other.push(6);
  check(s, 1, 2, 8);
  check(other, 5, 6);
});

test('many', () => {
  const n = 200;
  const s = new Stack();
  for (let i = 0; i < n; i += 1) {
    s.push(i);
    s.push(-1 - i);
    assert.equal(s.pop(), -1 - i, 'the last in is the first out');
  }
  check(s, ...Array(n).keys());
  for (let i = n; i > 0; i -= 1) {
    assert.equal(s.pop(), i - 1);
  }
  checkEmpty(s);
  s.push(1);
  check(s, 1);
  assert.deepEqual(new Stack().items(), [], 'stacks share nothing');
});
