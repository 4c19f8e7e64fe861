"""The command `harness preflight model=… [--json]`: check a server on demand.

Exit codes: 0 runs can be made with this server, 1 they cannot, 2 usage.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from hydra import compose, initialize_config_dir

from harness.command_line import ArgumentReader, quoted
from harness.config import RunConfig
from harness.installation import data_folder
from harness.servers.checks import Finding, failures
from harness.servers.facts import ServerFacts
from harness.servers.preflight import preflight
from harness.subjects import Subjects
from sweeps.app import errors_in_one_line
from sweeps.compose import build, values_of
from sweeps.overrides import readable
from sweeps.own_files import check_own_files
from sweeps.own_tasks import refuse_patterns, register_own_tasks
from sweeps.schema import register

UNFIT = 1


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Compose the config as for a run, check its server, and print the findings."""
    parser = ArgumentReader(prog="harness preflight", description="Check a model's server.")
    parser.add_argument("overrides", nargs="+", metavar="key=value", help="as for a run: model=… model.name=…")
    parser.add_argument("--config-dir", metavar="DIR", help="folder with a conf/ of your own, as for a run")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_intermixed_args(words)
    with errors_in_one_line():
        config = _config(options.overrides, options.config_dir)
        with Subjects() as subjects:
            facts, findings = preflight(config, subjects.endpoint(config))
            shown = _as_json(config, facts, list(findings)) if options.json else _as_table(findings)
    sys.exit(UNFIT if list(failures(shown)) else 0)


def _config(words: list[str], config_dir: str | None) -> RunConfig:
    register()
    refuse_patterns(words)
    overrides = readable(words, config_dir)
    check_own_files(config_dir, overrides)
    register_own_tasks(overrides, config_dir)
    own = [f"hydra.searchpath=[{quoted(f'file://{Path(config_dir).resolve()}')}]"] if config_dir else []
    with initialize_config_dir(str(data_folder("conf")), version_base="1.3"):
        composed = build(values_of(compose("config", [*overrides, *own])))
    composed.check_overrides(overrides)
    return composed.run


def _as_table(findings: Iterator[Finding]) -> list[Finding]:
    """Print a line for each finding, as it is made: some take minutes."""
    shown = []
    for finding in findings:
        remedy = f"  -> {finding.remedy}" if finding.remedy else ""
        print(f"{finding.verdict.value:<5} {finding.check:<11} {finding.found}{remedy}", flush=True)
        shown.append(finding)
    return shown


def _as_json(config: RunConfig, facts: ServerFacts, findings: list[Finding]) -> list[Finding]:
    report = {
        "model": config.model.name,
        "endpoint": config.model.endpoint,
        "fit": not list(failures(findings)),
        "window": facts.window,
        "tools": next((finding.tools for finding in findings if finding.tools is not None), None),
        "fingerprint": facts.fingerprint,
        "findings": [vars(finding) for finding in findings],
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return findings
