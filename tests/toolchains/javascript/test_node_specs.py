"""Specs in JavaScript as their text shows them: titles, imports of other frameworks, and reasons against a split."""

from pathlib import Path

import pytest
from toolchains.javascript.conftest import COMMAND, Sources, VerifySources, node_verifier

from harness.gate.verdict import ProofKind
from harness.sandbox.local import LocalSandbox
from harness.toolchains.javascript.scan import why_not
from harness.toolchains.javascript.titles import test_titles as titles
from harness.toolchains.javascript.toolchain import JavaScriptToolchain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test('a', () => {});\nit(\"b\", async () => {});", ["a", "b"]),
        ("describe('s', () => {\n  test('a', () => { f(')'); });\n});\ntest('b', f);", ["s > a", "b"]),
        ("suite('s', () => { describe('t', () => { it('a', f); }); it('b', f); });", ["s > t > a", "s > b"]),
        ("xtest('a', f); test.skip('b', f); test.only('c', f); xit('d', f);", ["a", "b", "c", "d"]),
        ("test.each([[1, ')'], [2, 'x']])('a %d', f);\ntest('b', f);", ["a %d", "b"]),
        ("it.each`n|m\n${1}|${2}\n`('a $n', f);", ["a $n"]),
        ("// test('no', f)\n/* test('no', f) */ const s = \"test('no', f)\"; test('a', f);", ["a"]),
        ("describe('s', () => { const r = /\\(/; test('it\\'s', f); }); test('b', f);", ["s > it's", "b"]),
        ("latest('no', f); x.test('no', f); test(name, f);", []),
        ("test('s', async (t) => { await t.test('inner', f); });", ["s"]),
    ],
)
def test_titles_are_read_from_the_text(text: str, expected: list[str]) -> None:
    """Below their suites, in tables too; what stands in comments and strings is none."""
    assert expected == titles(text)


def test_expected_tests_need_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By spec file, without those of packages."""
    monkeypatch.setenv("PATH", "")
    for name in ("a.test.js", "test/b.test.mjs", "test/help.js", "node_modules/x/x.test.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("test('one', () => {});\n")
    assert {"a.test.js": ["one"], "test/b.test.mjs": ["one"]} == JavaScriptToolchain().expected_tests(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("expect(new Roman('IV').toDecimal()).toEqual(4);", ""),
        ("expect(at(8).plus(f(x)).toString()).not.toBe('a');", ""),
        ("await expect(load()).rejects.toThrow(/x/);", ""),
        ("expect(a).toBeSorted();", "a.test.js:1: the matcher toBeSorted is not known"),
        ("expect(f(')')).not\n  .toSparkle(1);", "a.test.js:2: the matcher toSparkle is not known"),
        ("expect(a).toMatchSnapshot();", "a.test.js:1: the matcher toMatchSnapshot is not known"),
    ],
)
def test_matchers_are_those_of_expect(text: str, reason: str) -> None:
    """A method of a value inside its parentheses is no matcher."""
    assert reason == why_not({"a.test.js": text})


TWICE = {"calc.js": "exports.twice = (n) => 2 * n;\n"}
BUNDLED = {
    "calc.js": "import { two } from './numbers';\nexport const twice = (n) => two * n;\n",
    "numbers/index.js": "export const two = 2;\n",
}
LAYOUTS: dict[str, tuple[Sources, Sources]] = {
    "required node:test": (
        {
            "a.test.js": """
                const test = require('node:test');
                const assert = require('node:assert');
                const { twice } = require('./calc');
                test('twice', () => assert.equal(twice(2), 4));
            """
        },
        TWICE,
    ),
    "required parts of node:test": (
        {
            "a.test.js": """
                const { describe, it } = require('node:test');
                const assert = require('node:assert');
                const { twice } = require('./calc.js');
                describe('calc', () => { it('twice', () => assert.equal(twice(2), 4)); });
            """
        },
        TWICE,
    ),
    "required jest": (
        {
            "a.test.js": """
                const { test, expect } = require('@jest/globals');
                const { twice } = require('./calc');
                test('twice', () => { expect(twice(2)).toBe(4); });
            """
        },
        TWICE,
    ),
    "imported jest, no suffixes": (
        {
            "a.test.js": """
                import { test, expect } from '@jest/globals';
                import { twice } from './calc';
                test('twice', () => { expect(twice(2)).toBe(4); });
            """,
            "package.json": '{"devDependencies": {"jest": "*"}}',
            "babel.config.js": "module.exports = {};",
        },
        BUNDLED,
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_of_specs(name: str, tmp_path: Path, verify_sources: VerifySources) -> None:
    """Code is accepted by proof, and the tests pass as well where the subject runs them."""
    spec, code = LAYOUTS[name]
    verdict = verify_sources({**spec, **code})
    assert (True, "") == (verdict.accepted, verdict.feedback)
    assert node_verifier(tmp_path, {**spec, **code}).proof is ProofKind.SPLIT
    toolchain = JavaScriptToolchain()
    sandbox = LocalSandbox(toolchain.environment, tmp_path / "scratch")
    finished = sandbox.run(toolchain.started_as(COMMAND), cwd=tmp_path / "workspace", timeout=60)
    assert (0, True) == (finished.exit_code, "pass" in finished.output), finished.output


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_refuse_wrong_code(name: str, verify_sources: VerifySources) -> None:
    """Whatever way a spec names what it needs."""
    spec, code = LAYOUTS[name]
    verdict = verify_sources({**spec, **code, "calc.js": code["calc.js"].replace("* n", "+ n + 1")})
    assert not verdict.accepted
    assert "did not pass 3 times" in verdict.feedback


TIMERS = {
    "a.test.js": """
        import { test } from 'node:test';
        import { later } from './calc.js';
        test('later', () => new Promise((resolve) => { setTimeout(() => { later(); resolve(); }, 5); }));
        test('again', () => { later(); });
    """,
    "calc.js": "export const later = () => {};\n",
}


def test_an_error_in_a_timer_of_the_spec_fails_its_test(verify_sources: VerifySources) -> None:
    """At once, and as a refusal of the code, not as a fault of the verification."""
    assert verify_sources(TIMERS).accepted
    wrong = {"calc.js": "export const later = () => { throw new Error('not so soon'); };\n"}
    verdict = verify_sources(TIMERS, wrong)
    assert (False, True) == (verdict.accepted, verdict.lasting)
    assert "not so soon" in verdict.feedback
