import assert from 'node:assert/strict';
import { test } from 'node:test';

import { evaluate } from './calc.js';

test('evaluate', () => {
  for (const [expr, value] of [
    ['7', 7],
    ['1 + 2', 3],
    ['8 - 3 - 2', 3],
    ['2 + 3 * 4', 14],
    ['12 / 4 / 3', 1],
    ['(2 + 3) * 4', 20],
    ['((1)) + (2 * (3 + 1))', 9],
    ['10 - (2 - (3 - 1))', 10],
    ['1 - 2 * 3 + 8 / 4', -3],
    ['-3', -3],
    ['2 * -3', -6],
    ['-(1 + 2) - --1', -4],
    ['2.5 * 2 + 0.25', 5.25],
    ['\t 1+ 1 ', 2],
  ]) {
    assert.ok(Math.abs(evaluate(expr) - value) < 1e-9, expr);
  }
});

test('errors', () => {
  for (const expr of ['', ' ', '1 +', '* 2', '(1', '1)', '()', '1 2', '2 $ 3', '1.2.3', '(1 + 2', '3 -* 4', 'x']) {
    assert.throws(() => evaluate(expr), SyntaxError, expr);
  }
  for (const expr of ['1 / 0', '4 / (2 - 2)']) {
    assert.throws(() => evaluate(expr), RangeError, expr);
  }
});
