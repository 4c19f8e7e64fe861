import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue } from './queues.js';

// Return a queue to which the values have been added, the first one in front.
function queueOf(...values) {
  const q = new Queue();
  values.forEach((value) => q.enqueue(value));
  return q;
}

// Take the values out of a queue and expect it to be empty then.
function drain(q, ...values) {
  values.forEach((value, taken) => {
    assert.equal(q.size, values.length - taken, 'the number of elements that are left');
    assert.equal(q.dequeue(), value, `the elements must come out as ${values}`);
  });
  assert.throws(() => q.dequeue(), RangeError);
  assert.equal(q.size, 0, 'nothing may be left');
}

test('empty', () => {
  const q = new Queue();
  assert.throws(() => q.peek(), RangeError);
  drain(q);
  drain(q);
  q.enqueue(7);
  assert.equal(q.size, 1);
  drain(q, 7);
});

test('order', () => {
  const q = queueOf(3, 1, 2, 3);
  drain(q, 3, 1, 2, 3);
  q.enqueue(0);
  q.enqueue(-4);
  const other = queueOf(9);
  assert.equal(q.dequeue(), 0, 'the first in is the first out');
  q.enqueue(8);
  drain(q, -4, 8);
  drain(other, 9);
  other.enqueue(9);
  other.enqueue(9);
  drain(other, 9, 9);
});

test('peek', () => {
  const q = queueOf(5, 6);
  for (let i = 0; i < 2; i += 1) {
    assert.equal(q.peek(), 5, 'peek returns the front, and leaves it there');
  }
  assert.equal(q.size, 2, 'peek takes nothing out');
  assert.equal(q.dequeue(), 5);
  q.enqueue(7);
  assert.equal(q.peek(), 6, 'peek returns what has become the front');
  drain(q, 6, 7);
  assert.throws(() => q.peek(), RangeError);
});

test('mixed', () => {
  const n = 150;
  const q = new Queue();
  let after = 0;
  for (let i = 0; i < n; i += 1) {
    q.enqueue(2 * i);
    q.enqueue(2 * i + 1);
    assert.equal(q.dequeue(), after, 'elements come out in the order in which they went in');
    after += 1;
  }
  assert.equal(q.size, n, 'two went in for each that came out');
  while (after < 2 * n) {
    assert.equal(q.peek(), after, 'peek returns what is taken next');
    assert.equal(q.dequeue(), after);
    after += 1;
  }
  drain(q);
});
