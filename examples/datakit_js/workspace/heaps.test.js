import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Heap } from './heaps.js';

// Take the values out of a heap and expect it to be empty then.
function drain(h, ...values) {
  values.forEach((value, taken) => {
    assert.equal(h.size, values.length - taken, 'the number of elements that are left');
    assert.equal(h.peek(), value, `the elements must come out as ${values}`);
    assert.equal(h.pop(), value, `the elements must come out as ${values}`);
  });
  assert.throws(() => h.pop(), RangeError);
  assert.equal(h.size, 0, 'nothing may be left');
}

test('empty', () => {
  const h = new Heap();
  assert.throws(() => h.peek(), RangeError);
  drain(h);
  h.push(7);
  assert.equal(h.peek(), 7, 'peek returns the only element, and leaves it there');
  drain(h, 7);
  h.push(8);
  drain(h, 8);
});

test('new', () => {
  const given = [5, 2, 9, 2, -1, 7];
  let h = new Heap(given);
  drain(h, -1, 2, 2, 5, 7, 9);
  assert.deepEqual(given, [5, 2, 9, 2, -1, 7], 'a new heap has changed what it was given');
  h = new Heap(given);
  given[4] = -50;
  assert.equal(h.peek(), -1, 'a heap has a copy of what it was given');
  drain(h, -1, 2, 2, 5, 7, 9);
});

test('push and pop', () => {
  for (const items of [[1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1], [3, 3, 3], [2, -1, 2, -1, 0], [8]]) {
    const pushed = new Heap();
    items.forEach((value) => pushed.push(value));
    const sorted = [...items].sort((a, b) => a - b);
    drain(pushed, ...sorted);
    drain(new Heap(items), ...sorted);
  }
  const h = new Heap([4, 6]);
  const other = new Heap([1]);
  h.push(5);
  h.push(3);
  h.push(3);
  assert.equal(h.size, 5, 'equal elements are kept as often as they were added');
  assert.equal(h.pop(), 3, 'the smallest is the first out');
  h.push(-1e15);
  h.push(1e15);
  drain(h, -1e15, 3, 4, 5, 6, 1e15);
  drain(other, 1);
});

// A fixed jumble of numbers is pushed, with repetitions, and some are taken out in between.
test('many', () => {
  const h = new Heap();
  const kept = [];
  let jumble = 1;
  for (let i = 0; i < 120; i += 1) {
    jumble = (jumble * 1103) % 9973;
    for (const value of [jumble, jumble % 100]) {
      h.push(value);
      kept.push(value);
    }
    kept.sort((a, b) => a - b);
    if (i % 5 === 0) {
      assert.equal(h.pop(), kept.shift(), 'the smallest is the first out');
    }
  }
  drain(h, ...kept);
});
