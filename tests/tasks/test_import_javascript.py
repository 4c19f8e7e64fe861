"""Import of Exercism's exercises in JavaScript, whose tests are written for jest and babel."""

import json
import shutil
from pathlib import Path

import pytest
from test_import_set import exercise, roles, said

from harness.tasks.catalogue import load

TWICE_TEST = """import { describe, expect, test, xtest } from '@jest/globals';
import { twice } from './twice';

describe('twice', () => {
  test('a number', () => {
    expect(twice(2)).toEqual(4);
  });
  xtest('another', () => expect(twice(3)).not.toBe(5));
  test.skip('nothing', () => expect(() => twice()).toThrow(new Error('a number is missing')));
});
"""
TWICE = """import { checked } from './checked';

export const twice = (n) => 2 * checked(n);
"""
CHECKED = """export const checked = (n) => {
  if (n === undefined) throw new Error('a number is missing');
  return n;
};
"""


@pytest.mark.skipif(not shutil.which("node"), reason="no node")
def test_an_exercise_in_javascript_is_believed_by_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its tests for jest run without jest, with its skipped tests switched on, and its imports without a suffix."""
    checkout, root = tmp_path / "checkout", tmp_path / "tasks"
    exercise(
        checkout / "javascript" / "exercises" / "practice",
        "twice",
        {
            "package.json": json.dumps({"devDependencies": {"jest": "^29.7.0"}, "scripts": {"test": "jest ./*"}}),
            "babel.config.js": "module.exports = { presets: ['@exercism/babel-preset-javascript'] };\n",
            "twice.js": "export const twice = () => { throw new Error('write me'); };\n",
            "checked.js": CHECKED,
            "twice.spec.js": TWICE_TEST,
            ".meta/proof.ci.js": TWICE,
        },
        roles("twice.js", "twice.spec.js", ".meta/proof.ci.js"),
    )
    _, lines = said(capsys, checkout, "--track", "javascript", "--to", root)
    assert "ok      exercism/javascript/twice (2 skipped tests switched on)" == lines["exercism/javascript/twice"]
    task = load("exercism/javascript/twice", task_root=str(root))
    assert {
        "twice.spec.js": ["twice > a number", "twice > another", "twice > nothing"]
    } == task.toolchain.expected_tests(task.seed)
