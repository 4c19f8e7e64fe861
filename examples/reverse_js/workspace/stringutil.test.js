import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reverse } from './stringutil.js';

test('reverse', () => {
  for (const [text, expected] of [
    ['', ''],
    ['x', 'x'],
    ['abc', 'cba'],
    ['a b', 'b a'],
    ['añb→世界', '界世→bña'],
  ]) {
    assert.equal(reverse(text), expected, `reverse('${text}')`);
  }
});
