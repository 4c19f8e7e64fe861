"""Folders in which any command decides, each with what finishes it."""

from dataclasses import dataclass
from pathlib import Path

SCRIPT = """#!/bin/sh
[ "$(cat answer.txt)" = 42 ] && echo right || { echo "answer.txt does not say 42"; exit 1; }
"""

PACKAGE = '{"name": "sum", "version": "1.0.0", "scripts": {"test": "node --test"}}\n'
NODE_TEST = """const test = require('node:test');
const assert = require('node:assert');
const { sum } = require('./sum.js');

test('adds', () => assert.strictEqual(sum(1, 2), 3));
"""

CARGO = '[package]\nname = "sum"\nversion = "0.1.0"\nedition = "2021"\n'
RUST_TEST = "#[test]\nfn adds() {\n    assert_eq!(3, sum::sum(1, 2));\n}\n"


@dataclass(frozen=True)
class CommandFolder:
    """A folder with a verify command, and the file that finishes it."""

    verify: str
    files: dict[str, str]
    path: str
    content: str

    def lay(self, root: Path) -> Path:
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
            (root / path).chmod(0o755 if path.endswith(".sh") else 0o644)
        return root


SHELL = CommandFolder("./check.sh", {"check.sh": SCRIPT, "answer.txt": "1\n"}, "answer.txt", "42\n")
INLINE = CommandFolder("sh -c 'grep -q 42 answer.txt && ls'", {"answer.txt": "1\n"}, "answer.txt", "42\n")
NPM = CommandFolder(
    "npm test",
    {"package.json": PACKAGE, "sum.test.js": NODE_TEST, "sum.js": "exports.sum = () => 0;\n"},
    "sum.js",
    "exports.sum = (a, b) => a + b;\n",
)
RUST = CommandFolder(
    "cargo test",
    {"Cargo.toml": CARGO, "tests/adds.rs": RUST_TEST, "src/lib.rs": "pub fn sum(_: i32, _: i32) -> i32 {\n    0\n}\n"},
    "src/lib.rs",
    "pub fn sum(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
)
