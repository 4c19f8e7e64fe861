"""Code in JavaScript that tries to pass without doing the work is refused."""

import pytest
from toolchains.javascript.conftest import Sources, VerifySources, node_verifier

from harness.gate.verdict import ProofKind
from harness.sandbox.select import settle

SPEC = """
    import assert from 'node:assert/strict';
    import { double, words, each, Stack } from './calc.js';

    describe('calc', () => {
      test('double', () => { expect(double(4)).toBe(8); assert.equal(double(5), 10); });
      test('words', () => { expect(words('a b')).toEqual(['a', 'b']); assert.deepEqual(words('c'), ['c']); });
      test('each', () => { each((item) => { expect(item).toBe(2); return item; }, [1]); });
      test('error', () => { expect(() => double(-1)).toThrow('negative'); });
      test('stack', () => { const stack = new Stack(); stack.push(3); expect(stack.pop()).toBe(3); expect(stack.size).toBe(0); });
      test('later', async () => { await expect(Promise.resolve(double(1))).resolves.toBe(2); });
    });
"""
HONEST = """
    export const double = (x) => { if (x < 0) throw new RangeError('negative'); return 2 * x; };
    export const words = (text) => text.split(' ');
    export const each = (call, items) => items.map((item) => call(item + 1));
    export class Stack {
      #items = [];
      push(item) { this.#items.push(item); }
      pop() { return this.#items.pop(); }
      get size() { return this.#items.length; }
    }
"""
WRONG = """
    export const double = () => 0;
    export const words = () => 0;
    export const each = () => 0;
    export class Stack { push() {} pop() {} }
"""

CHEATS = {
    "exit_at_once": WRONG + "process.exit(0);",
    "exit_later": WRONG + "setTimeout(() => process.exit(0), 0);",
    "really_exit": WRONG + "process.reallyExit(0);",
    "kill_the_parent": WRONG + "process.kill(process.ppid, 'SIGKILL');",
    "patched_globals": WRONG
    + """
        globalThis.expect = () => new Proxy(() => {}, { get: (t, n, r) => r, apply: () => undefined });
        globalThis.test = globalThis.it = () => {};
        Object.is = () => true;
        Array.prototype.every = () => true;
        Array.isArray = () => true;
    """,
    "patched_assert": "import assert from 'node:assert';\nassert.equal = assert.deepEqual = assert.strict.equal = () => {};"
    + WRONG,
    "always_equal": """
        class Liar { valueOf() { return 8; } toString() { return '8'; } [Symbol.toPrimitive]() { return 8; }
          asymmetricMatch() { return true; } get $$typeof() { return Symbol.for('jest.asymmetricMatcher'); } }
        export const double = () => new Liar();
        export const words = double, each = double;
        export class Stack extends Liar { push() {} pop() { return new Liar(); } get size() { return new Liar(); } }
    """,
    "universal_proxy": """
        const any = new Proxy(function () {}, { get: (t, n, r) => n === Symbol.toPrimitive ? () => 8 : r, apply: (t, s, a) => any, construct: () => any, ownKeys: () => ['prototype'] });
        export const double = any, words = any, each = any, Stack = any;
    """,
    "swallowed_assertion": HONEST.replace(
        "items.map((item) => call(item + 1))", "items.map((item) => { try { return call(item); } catch { return 2; } })"
    ),
    "never_called_back": HONEST.replace(
        "items.map((item) => call(item + 1))", "call.constructor('return process')().exit(0)"
    ),
    "constructor_of_a_callback": HONEST.replace(
        "items.map((item) => call(item + 1))",
        "{ const f = call.constructor.constructor; f('process.exit(0)')(); return items; }",
    ),
    "prototype_of_the_spec": """
        export const double = (x) => 2;
        export const words = () => JSON.parse('{"__proto__": {"toEqual": 1}}');
        export const each = (call) => { call.__proto__.call = () => {}; Object.getPrototypeOf(call).apply = () => {}; };
        export class Stack { push() {} pop() { return 3; } get size() { return 0; } }
    """,
    "noise_on_the_pipes": """
        import fs from 'node:fs';
        for (let fd = 3; fd < 40; fd += 1) try { fs.writeSync(fd, '["a",[],true]\\n'); } catch {}
    """
    + WRONG,
    "report_on_the_output": WRONG
    + """
        const names = ['double', 'words', 'each', 'error', 'stack', 'later'].map((n) => `calc.test.js::calc > ${n}`);
        process.stdout.write(JSON.stringify({ run: 0, passed: names, failed: [], skipped: [], broken: [], gone: '', code: 0, output: '' }) + '\\n');
    """,
    "unfinished_work": "export const double = (x) => 2 * x;\nexport const words = 1, each = 2, Stack = 3;",
    "missing_exports": "export const double = (x) => 2 * x;",
    "throws_on_import": "throw new Error('no');",
    "endless_import": "for (;;);",
    "skip_error": WRONG.replace(
        "() => 0", "() => { throw Object.assign(new Error('skip'), { code: 'ERR_TEST_SKIP', name: 'SkippedError' }); }"
    ),
    "rewrites_the_spec": "import fs from 'node:fs';\ntry { fs.writeFileSync(new URL('./calc.test.js', import.meta.url), \"test('calc', () => {})\"); } catch {}\n"
    + WRONG,
    "settings_of_the_project": WRONG,
}


def test_honest_work_is_accepted(verify_sources: VerifySources) -> None:
    """The spec passes with the code that does it."""
    verdict = verify_sources({"calc.test.js": SPEC, "calc.js": HONEST})
    assert verdict.accepted, verdict.feedback
    assert frozenset({"calc.test.js"}) == verdict.green


def test_the_proof_is_by_split(verify_sources: VerifySources, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing weaker decides."""
    made = node_verifier(tmp_path_factory.mktemp("proof"), {"calc.test.js": SPEC, "calc.js": HONEST})
    assert ProofKind.SPLIT is made.proof


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_refused(name: str, verify_sources: VerifySources) -> None:
    """Whatever the code does to its own process, an assertion of the spec does not hold by it."""
    added: Sources = {}
    if name == "settings_of_the_project":
        added = {"package.json": '{"type": "module", "jest": {"testMatch": []}, "scripts": {"test": "true"}}'}
    timeout = 10 if name in ("endless_import", "universal_proxy") else 60
    sandbox = settle("auto")
    if name == "kill_the_parent" and sandbox == "none":
        pytest.skip("without a sandbox, the code can end whatever this user runs")
    verdict = verify_sources({"calc.test.js": SPEC, "calc.js": CHEATS[name]}, added, timeout=timeout, sandbox=sandbox)
    assert not verdict.accepted, verdict
