"""Reader of an integration test: its tests, its imports, and its calls into the crate.

A test can be proven only if nothing that it compares, calls or names may be the crate's own: the spec imports functions
by their names, and what goes into them and comes out of them is made to be plain data of the standard library. Whatever
else a spec does makes it unprovable, with the line.
"""

import re

from harness.toolchains.rust.lexer import RustToken, SourceError, line_of, partners, tokens_of
from harness.toolchains.rust.spec import AROUND, CLOSING, OPENING, IntegrationTest, UnprovableError

LOWER = re.compile(r"[a-z_][a-z0-9_]*")
STANDARD = ("std", "core", "alloc")
ATTRIBUTES = frozenset(
    ("test", "ignore", "should_panic", "allow", "warn", "deny", "forbid", "expect", "inline", "doc", "rustfmt", "cfg")
)
FEATURE = re.compile(r'cfg\(feature="[^"]*"\)')
OWN_TYPES = frozenset(("struct", "enum", "union", "trait", "impl", "type", "static"))
BARRED = frozenset(("extern", "async", "unsafe", "include", "env", "option_env", "catch_unwind", "global_asm", "asm"))
"""Words that lead out of the text, or past the watch over assertions."""
SHADOWED = frozenset(("assert", "assert_eq", "assert_ne"))
DECLARING = frozenset(("let", "mut", "fn", "ref", "mod", "for", "macro_rules"))
VALUE = "crate::__gate::value("


def read_test(file: str, source: str, crate: str) -> IntegrationTest:
    """Return an integration test of a crate. Raises UnprovableError."""
    try:
        return SpecReader(file, source, crate).read()
    except SourceError as error:
        raise UnprovableError(f"{file}, {error}") from error


class SpecReader:
    """Reads one file."""

    def __init__(self, file: str, source: str, crate: str) -> None:
        self._source = source
        self._crate = crate
        self._tokens = tokens_of(source)
        self._partners = partners(self._tokens, source)
        self._imported: set[str] = set()
        self._own = {self._text(i + 1) for i, token in enumerate(self._tokens) if self._is(token, "fn")}
        self._result = IntegrationTest(file, start=self._tokens[0].start if self._tokens else 0)

    def read(self) -> IntegrationTest:
        self._require_plain_words()
        uses = self._uses()
        self._read_items(uses)
        self._require_called_helpers()
        self._read_calls(uses)
        return self._result

    def _text(self, index: int) -> str:
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _is(self, token: RustToken, word: str) -> bool:
        return token.kind == "word" and token.text == word

    def _fail(self, index: int, why: str) -> UnprovableError:
        place = self._tokens[min(index, len(self._tokens) - 1)].start
        return UnprovableError(f"{self._result.file}:{line_of(self._source, place)}: {why}")

    def _require_plain_words(self) -> None:
        for index, token in enumerate(self._tokens):
            if token.kind != "word":
                continue
            if token.text in OWN_TYPES and self._text(index - 1) != ".":
                raise self._fail(index, f"the spec declares a {token.text}")
            if token.text in BARRED:
                raise self._fail(index, f"the spec uses {token.text}")
            if token.text == "mod" and self._text(index + 2) == ";":
                raise self._fail(index, "the spec has a module in another file")
            if token.text == "mut" and self._text(index - 1) == "&" and self._text(index - 2) in ("=", ":"):
                raise self._fail(index, "the spec keeps a mutable reference in a variable")
            if token.text in SHADOWED and self._text(index - 1) == "::":
                raise self._fail(index, f"the spec names {token.text} by a path")
            if token.text == "let" and self._binds_closure(index):
                raise self._fail(index, "the spec keeps a closure in a variable")

    def _binds_closure(self, index: int) -> bool:
        while self._text(index) not in ("=", ";", ""):
            index += 1
        return "|" in (self._text(index + 1), self._text(index + 2) if self._text(index + 1) == "move" else "")

    def _uses(self) -> set[int]:
        """Read the imports; return the indices of their tokens."""
        inside: set[int] = set()
        for index, token in enumerate(self._tokens):
            if not self._is(token, "use"):
                continue
            end = index
            while self._text(end) not in (";", ""):
                end += 1
            inside.update(range(index, end + 1))
            first = index + 1 + (self._text(index + 1) == "::")
            if self._text(first) == self._crate:
                self._import(first, end)
            elif any(self._text(i) == self._crate for i in range(first, end)):
                raise self._fail(index, f"the spec imports {self._crate} in a way that is not followed")
            elif self._text(first) not in (*STANDARD, "super", "self", "crate"):
                raise self._fail(index, f"the spec imports from {self._text(first)}")
            elif self._text(first) in ("super", "self", "crate") and self._text(end - 1) != "*":
                raise self._fail(index, "the spec imports names of its own modules")
        return inside

    def _import(self, first: int, end: int) -> None:
        if self._text(first + 1) != "::":
            raise self._fail(first, "the spec imports the whole crate")
        for index in range(first + 1, end):
            token = self._tokens[index]
            if token.text == "*":
                raise self._fail(index, f"the spec imports everything of {self._crate} (*)")
            if token.kind != "word" or token.text == "as":
                continue
            self._require_lower(index)
            if self._text(index + 1) in ("::", "as"):
                continue
            name = token.text
            if name == "self":
                opened = max(i for i, closed in self._partners.items() if i < index < closed)
                name = self._text(opened - 2)
            if name in self._own or name in STANDARD or name in SHADOWED:
                raise self._fail(index, f"the spec imports {name}, a name that it uses otherwise")
            self._imported.add(name)

    def _require_lower(self, index: int) -> None:
        name = self._text(index)
        if not LOWER.fullmatch(name):
            raise self._fail(
                index, f"the spec uses {name} of the crate, which is no function: its comparisons may be its own"
            )

    def _read_items(self, uses: set[int]) -> None:
        """Read attributes, modules and tests."""
        scopes: list[tuple[int, str | None]] = []
        index = 0
        while index < len(self._tokens):
            scopes = [scope for scope in scopes if scope[0] >= index]
            text = self._text(index)
            if text == "#" and self._text(index + 1) in ("[", "!") and index not in uses:
                index = self._read_attributes(index, scopes)
                continue
            if index in self._partners:
                named = text == "{" and self._text(index - 2) == "mod"
                scopes.append((self._partners[index], self._text(index - 1) if named else None))
            index += 1

    def _read_attributes(self, index: int, scopes: list[tuple[int, str | None]]) -> int:
        """Read the attributes from an index on, and the test after them; return the index after the attributes."""
        group: list[str] = []
        first = index
        while self._text(index) == "#":
            inner = self._text(index + 1) == "!"
            opened = index + 1 + inner
            if self._text(opened) != "[":
                break
            closed = self._partners[opened]
            content = "".join(token.text for token in self._tokens[opened + 1 : closed])
            if self._text(opened + 1) not in ATTRIBUTES:
                raise self._fail(index, f"the spec has the attribute {self._text(opened + 1)}")
            if content.startswith("cfg") and content != "cfg(test)" and not FEATURE.fullmatch(content):
                raise self._fail(index, f"the spec has the attribute {content}")
            if inner:
                if content.startswith("cfg") or scopes:
                    raise self._fail(index, "the spec has an inner attribute that is not followed")
                self._result.start = (
                    self._tokens[closed + 1].start if closed + 1 < len(self._tokens) else len(self._source)
                )
            else:
                group.append(content)
            index = closed + 1
        left_out = any(FEATURE.fullmatch(content) for content in group)
        if "test" in group:
            self._read_function(first, index, group, scopes, left_out=left_out)
        elif left_out and "mod" in (self._text(index), self._text(index + 1)):
            raise self._fail(first, "the spec has a module that depends on a feature")
        return index

    def _read_function(
        self, first: int, index: int, group: list[str], scopes: list[tuple[int, str | None]], *, left_out: bool
    ) -> None:
        names = [name for _, name in scopes]
        if self._text(index) == "pub":
            index += 1
        shape = [self._text(place) for place in (index, index + 2, index + 3)]
        if None in names or shape != ["fn", "(", ")"] or self._tokens[index + 1].kind != "word":
            raise self._fail(first, "the test is no plain function of a module (a macro may make it)")
        opened = index + 4
        while self._text(opened) not in ("{", ";", ""):
            opened += 1
        if self._text(opened) != "{":
            raise self._fail(first, "the test has no body")
        returned = self._source[self._tokens[index + 3].end : self._tokens[opened].start].strip() or "-> ()"
        if returned != "-> ()" and "Result" not in returned:
            raise self._fail(first, f"the test returns {returned.removeprefix('->').strip()}")
        if left_out:
            return
        name = "::".join([*filter(None, names), self._text(index + 1)])
        self._wrap(opened, len(self._result.tests), returned, group)
        self._result.tests.append(name)
        if any(content == "ignore" or content.startswith("ignore=") for content in group):
            self._result.ignored.append(name)

    def _insert(self, place: int, order: int, text: str) -> None:
        self._result.edits.append((place, order, text))

    def _wrap(self, opened: int, number: int, returned: str, group: list[str]) -> None:
        panics = next((content for content in group if content.startswith("should_panic")), None)
        before = f" crate::__gate::begin({number}); let __gate_result = "
        if panics is None:
            before += f"(|| {returned} {{"
            after = f"}})(); crate::__gate::ended({number}, &__gate_result); __gate_result "
        else:
            literal = panics[panics.index('"') : panics.rindex('"') + 1] if '"' in panics else ""
            if panics.count("r#") or panics.count('r"'):
                raise self._fail(opened, "the test expects a raw string")
            before += f"::std::panic::catch_unwind(::std::panic::AssertUnwindSafe(|| {returned} {{"
            expected = f"Some({literal})" if literal else "None"
            after = f"}})); crate::__gate::panicked({number}, __gate_result, {expected}) "
            if returned != "-> ()":
                raise self._fail(opened, "a test that should panic returns a value")
        self._insert(self._tokens[opened].end, AROUND, before)
        self._insert(self._tokens[self._partners[opened]].start, AROUND, after)

    def _require_called_helpers(self) -> None:
        """Require that functions of the spec are only called: the crate could swallow panics of any other use."""
        helpers = self._own - {name.rpartition("::")[2] for name in self._result.tests}
        for index, token in enumerate(self._tokens):
            mentioned = token.kind == "word" and token.text in helpers and self._text(index - 1) not in ("fn", ".")
            if mentioned and self._text(index + 1) != "(":
                raise self._fail(index, f"the spec uses its function {token.text} otherwise than by calling it")

    def _read_calls(self, uses: set[int]) -> None:
        """Make what goes into functions of the crate, and what comes out of them, plain."""
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if index in uses or token.kind != "word" or token.text not in {self._crate, *self._imported}:
                index += 1
                continue
            before = self._text(index - 1)
            if (before == "." and token.text != self._crate) or (before == "::" and self._standard(index)):
                index += 1
            else:
                index = self._read_call(index)

    def _standard(self, index: int) -> bool:
        while self._text(index - 1) == "::":
            index -= 2
        return self._text(index) in STANDARD

    def _read_call(self, index: int) -> int:
        """Wrap the call whose path begins at an index; return the index after its path."""
        name, before = self._text(index), self._text(index - 1)
        if before in ("::", ".", "$", *DECLARING):
            raise self._fail(index, f"the spec uses {name} in a way that is not followed")
        end = index
        while self._text(end + 1) == "::" and self._text(end + 2) and self._tokens[end + 2].kind == "word":
            end += 2
            self._require_lower(end)
        opened = end + 1
        if self._text(opened) != "(" or (name == self._crate and end == index):
            raise self._fail(index, f"the spec uses {self._text(end)} of the crate otherwise than by calling it")
        start = index
        while start and self._text(start - 1) not in (";", "{", "}"):
            start -= 1
            if self._text(start) == "const":
                raise self._fail(index, "the spec calls the crate in a constant")
        closed = self._partners[opened]
        self._insert(self._tokens[index].start, OPENING, VALUE)
        self._wrap_arguments(opened, closed)
        self._insert(self._tokens[closed].end, CLOSING, ")")
        return opened

    def _wrap_arguments(self, opened: int, closed: int) -> None:
        first = index = opened + 1
        while index <= closed:
            text = self._text(index)
            if text == "|":
                raise self._fail(index, "the spec hands a closure to the crate")
            if text == "::" and self._text(index + 1) == "<":
                raise self._fail(index, "the spec hands the crate a value of a type with parameters")
            if (text == "," or index == closed) and index > first:
                if index - first == 1 and self._text(first) in self._own:
                    raise self._fail(first, "the spec hands a function to the crate")
                self._insert(self._tokens[first].start, OPENING, VALUE)
                self._insert(self._tokens[index - 1].end, CLOSING, ")")
            if text == ",":
                first = index + 1
            if index in self._partners and index != closed:
                inside = range(index, self._partners[index])
                if any(self._text(place) == "|" for place in inside):
                    raise self._fail(index, "the spec hands a closure to the crate")
                index = self._partners[index]
            index += 1
