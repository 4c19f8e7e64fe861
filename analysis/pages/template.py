"""The template and the files of all pages."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

FILE_POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'"
)
"""Content security policy of the one file: its own script and style by hash, and nothing else at all."""

LIVE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
"""Content security policy of the live view: files of this server alone."""


@cache
def environment() -> Environment:
    """Return the templates. Every value is escaped."""
    escaped = select_autoescape(default=True, default_for_string=True)
    return Environment(loader=PackageLoader("analysis.pages"), autoescape=escaped, undefined=StrictUndefined)


@cache
def asset(name: str) -> str:
    """Return a file that pages are made of: page.css, page.js or htmx."""
    return files("analysis.pages").joinpath("assets", name).read_text(encoding="utf-8")


def file_policy() -> str:
    """Return the policy of the one file, with the hashes of its script and its style."""
    return FILE_POLICY.format(script=_hash(asset("page.js")), style=_hash(asset("page.css")))


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
