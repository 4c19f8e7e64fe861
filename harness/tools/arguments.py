"""Read the arguments of a call as models write them. Every leniency is counted, and each error shows the right call."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.llm.forms.lenient import LenientError, lenient_value

Arguments = dict[str, Any]

_WRAPPERS = ("arguments", "parameters", "args", "input")
_PLAIN_WORDS = re.compile(r"[\w./=,:+@%-]+(?:[ \t]+[\w./=,:+@%-]+)*")
"""Words that mean the same to a shell as split at blanks: no quotes, no operators, no wildcards."""
_BARE_WORD = re.compile(r"[\w.][\w./-]*")
_PAIR = re.compile(r'"([A-Za-z_]\w{0,40})"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SHOWN = 200
"""Characters of a value that an error repeats."""
_READ = 20_000
"""Characters of broken arguments in which values are looked for, so that the error can show the right call."""


class ArgumentsError(Exception):
    """Arguments that cannot be used; the text is meant for the model."""


@dataclass(frozen=True)
class ToolParameters:
    """Parameters of a tool: its name, the schema of each parameter, and the required ones."""

    tool: str
    properties: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]

    @property
    def sole(self) -> str | None:
        """The parameter that a bare value is for: the only one required, or the only one there is."""
        candidates = self.required or tuple(self.properties)
        return candidates[0] if len(candidates) == 1 else None

    def is_list(self, name: str) -> bool:
        return bool(self.properties[name]["type"] == "array")


@dataclass
class ReadArguments:
    """Arguments by name, and the leniencies that it took to read them."""

    values: Arguments
    forms: list[str] = field(default_factory=list)


def read_arguments(parameters: ToolParameters, text: str) -> ReadArguments:
    """The arguments of a call. Raises ArgumentsError with the right call, filled with what came."""
    forms: list[str] = []
    value = _value(parameters, text, forms)
    values = _object(parameters, value, forms)
    for name in tuple(values):
        if values[name] is None and name not in parameters.required:
            del values[name]
    for name in parameters.properties:
        if name in values:
            values[name] = _fitted(parameters, name, values[name], forms)
    _check(parameters, values)
    return ReadArguments(values, forms)


def _value(parameters: ToolParameters, text: str, forms: list[str]) -> Any:
    """The JSON value of the text, unpacked where it was encoded twice."""
    stripped = text.strip()
    if stripped in ("", "null"):
        if parameters.required:
            raise ArgumentsError(f"{_needs(parameters)}; none came")
        forms.append("args_empty")
        return {}
    try:
        value = _loaded(stripped, forms)
    except (ValueError, RecursionError) as error:
        sole = parameters.sole
        if sole and not parameters.is_list(sole) and _BARE_WORD.fullmatch(stripped):
            forms.append("args_bare")
            return {sole: stripped}
        came = _pairs(parameters, stripped)
        raise ArgumentsError(
            f"the arguments of {parameters.tool} are not valid JSON: {error}; {_needs(parameters, came)}"
        ) from error
    if isinstance(value, str):
        try:
            inner = _loaded(value.strip(), [])
        except (ValueError, RecursionError):
            return value
        if isinstance(inner, dict | list):
            forms.append("args_twice")
            return inner
    return value


def _loaded(text: str, forms: list[str]) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:
            value, form = json.loads(text, strict=False), "args_raw_breaks"
        except json.JSONDecodeError:
            value, form = _nearly_json(text, error), "args_nearly_json"
        forms.append(form)
        return value


def _nearly_json(text: str, error: ValueError) -> Any:
    """The object or list that is all of a text, in a syntax near JSON. Raises the error of the JSON otherwise."""
    try:
        value, end = lenient_value(text)
    except LenientError:
        raise error from None
    if not isinstance(value, dict | list) or end < len(text):
        raise error
    return value


def _object(parameters: ToolParameters, value: Any, forms: list[str]) -> Arguments:
    """The arguments by name, from an object or from the bare value of the only parameter."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        forms.append("args_in_list")
        value = value[0]
    if isinstance(value, dict):
        inner = next((value[key] for key in _WRAPPERS if key in value and key not in parameters.properties), None)
        if isinstance(inner, dict) and not value.keys() & parameters.properties.keys():
            forms.append("args_wrapped")
            return dict(inner)
        return dict(value)
    sole = parameters.sole
    if sole and isinstance(value, list) and parameters.is_list(sole):
        forms.append("args_list")
        return {sole: value}
    if sole and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        forms.append("args_list")
        return {sole: value[0]}
    if sole and isinstance(value, str):
        forms.append("args_bare")
        return {sole: value}
    came = _by_order(parameters, value) if isinstance(value, list) else {}
    raise ArgumentsError(
        f"the arguments of {parameters.tool} must be a JSON object, not {_kind(value)}; {_needs(parameters, came)}"
    )


def _by_order(parameters: ToolParameters, values: list[Any]) -> Arguments:
    return dict(zip(parameters.required or parameters.properties, values, strict=False))


def _fitted(parameters: ToolParameters, name: str, value: Any, forms: list[str]) -> Any:
    """A value in the declared type, where it came in another that says the same."""
    if not parameters.is_list(name):
        return value
    if isinstance(value, str):
        read = _listed(value, forms)
        value = value if read is None else read
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        forms.append("args_nested_list")
        value = value[0]
    if isinstance(value, list) and any(_is_number(item) for item in value):
        forms.append("args_numbers")
        value = [str(item) if _is_number(item) else item for item in value]
    return value


def _listed(text: str, forms: list[str]) -> list[Any] | None:
    """The list that a text holds: as JSON, or as plain words between blanks."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list):
        forms.append("args_list_text")
        return value
    if _PLAIN_WORDS.fullmatch(text.strip()):
        forms.append("args_split")
        return text.split()
    return None


def _check(parameters: ToolParameters, values: Arguments) -> None:
    """Raises ArgumentsError on an argument that is missing, of the wrong type, or of another name than it has here."""
    if not parameters.required and not values.keys() & parameters.properties.keys():
        others = {name: value for name, value in values.items() if isinstance(value, str) and value.strip()}
        if parameters.properties and others:
            unknown = ", ".join(_short(name) for name in others)
            raise ArgumentsError(f"{parameters.tool} has no parameter {unknown}; {_needs(parameters, others)}")
    for name in parameters.properties:
        if name not in values and name not in parameters.required:
            continue
        value = values.get(name)
        kind = "a list of strings" if parameters.is_list(name) else "a string"
        fits = isinstance(value, str)
        if parameters.is_list(name):
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not fits:
            came = f"not {_kind(value)}" if name in values else "which is missing"
            raise ArgumentsError(f"{parameters.tool} needs {name}, {kind}, {came}; {_needs(parameters, values)}")


def _needs(parameters: ToolParameters, came: Mapping[str, Any] | None = None) -> str:
    """The right call in words and, where something came that can be put into it, filled with that."""
    names = parameters.required or tuple(parameters.properties)
    blanks = {name: "[...]" if parameters.is_list(name) else '"..."' for name in names}
    shape = ", ".join(f'"{name}": {blank}' for name, blank in blanks.items())
    needs = f"{parameters.tool} {'needs' if parameters.required else 'takes'} {{{shape}}}"
    filled = _filled(parameters, came or {})
    return f"{needs}; did you mean {json.dumps(filled, ensure_ascii=False)}?" if filled else needs


def _filled(parameters: ToolParameters, came: Mapping[str, Any]) -> Arguments:
    """The call with what came: by name, and by order where the names are others."""
    others = [value for name, value in came.items() if name not in parameters.properties]
    filled: Arguments = {}
    for name in parameters.required or tuple(parameters.properties):
        value = came[name] if name in came else (others.pop(0) if others else None)
        if value is None:
            filled[name] = ["..."] if parameters.is_list(name) else "..."
        elif parameters.is_list(name):
            items = value if isinstance(value, list) else str(value).split()
            filled[name] = [_short(item) for item in items[:20]]
        else:
            filled[name] = _short(value)
    return filled if came else {}


def _pairs(parameters: ToolParameters, text: str) -> Arguments:
    """The values that broken arguments hold for parameters of the tool."""
    pairs = {name: _unescaped(value) for name, value in _PAIR.findall(text[:_READ])}
    return {name: value for name, value in pairs.items() if name in parameters.properties}


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
