"""Looking servers over: before a sweep, and on demand with `harness preflight model=… [--json]`.

Exit codes of the command: 0 runs can be made with this server, 1 they cannot, 2 usage.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from hydra import compose, initialize_config_dir

from harness.arguments import ArgumentReader
from harness.config import ConfigError, Preflight, RunConfig, ToolsMode
from harness.llm.wire import SAMPLING
from harness.packed import packed
from harness.quoting import quoted
from harness.servers.facts import ServerFacts
from harness.servers.finding import CheckVerdict, Finding, failures
from harness.servers.preflight import preflight
from harness.subjects import Subjects
from sweeps.app import errors_in_one_line
from sweeps.compose import build, values_of
from sweeps.endpoints import EndpointFor
from sweeps.overrides import readable
from sweeps.own_files import check_own_files, register_own_tasks
from sweeps.plan.order import server_key
from sweeps.schema import register

UNFIT = 1


Subject = tuple[str, ...]
"""Settings that decide which model answers a run, and from which server."""

Seen = dict[Subject, ToolsMode]
"""Tools modes of the models, where they were seen."""


def subject_of(config: RunConfig) -> Subject:
    """Return what the runs share that one and the same model answers."""
    model = config.model
    return model.endpoint, model.name, model.variant, *(server_key(config) or ())


def check_servers(configs: Sequence[RunConfig], endpoint_for: EndpointFor) -> Seen:
    """Look over each real server of a sweep once, with the largest ctx_limit that its runs have.

    Returns how tools reach the models whose config leaves that to the server.

    Raises ConfigError, in one line, for what would spoil the runs, unless the config says to go on all the same, and
    ServerGone for a server that does not answer.
    """
    seen: Seen = {}
    compared = _compared(configs)
    for config in _hardest(configs):
        with endpoint_for(config) as endpoint:
            facts, made = preflight(config, endpoint, light=True, varied=_varied(config, configs))
            findings = list(made)
        for found in findings:
            if found.tools is not None and config.model.tools is ToolsMode.auto:
                seen[subject_of(config)] = ToolsMode(found.tools)
            if found.verdict is CheckVerdict.OK:
                continue
            line = f"{config.model.name} at {config.model.endpoint}: {found}"
            # Each name would be answered by one and the same model: a comparison of it with itself.
            itself = found.check == "model" and config.model.endpoint in compared and facts.models is not None
            if itself:
                line = f"{line}: model.name is a factor, and the server would answer each name with this one model"
            if (itself or found.verdict is CheckVerdict.FAIL) and config.preflight is Preflight.on:
                raise ConfigError(f"{line} (preflight=warn goes on all the same)")
            print(f"warning: {line}", file=sys.stderr)
    return seen


def _varied(one: RunConfig, configs: Iterable[RunConfig]) -> dict[str, list[float]]:
    """The sampling fields in which the runs of one model differ, each with its levels."""
    models = [config.model for config in configs if config.model.name == one.model.name]
    levels = {name: sorted({getattr(model, name) for model in models}) for name in SAMPLING}
    return {name: values for name, values in levels.items() if len(values) > 1}


def _compared(configs: Iterable[RunConfig]) -> set[str]:
    """Return the endpoints of servers that run already and are to answer as several models."""
    asked = {(config.model.endpoint, config.model.name) for config in configs if not config.server.managed}
    return {endpoint for endpoint, times in Counter(endpoint for endpoint, _ in asked).items() if times > 1}


def _hardest(configs: Iterable[RunConfig]) -> Iterator[RunConfig]:
    """Return the most demanding config of each real model at each endpoint; 0, no limit, demands no window."""
    hardest: dict[tuple[Subject, ToolsMode], RunConfig] = {}
    for config in configs:
        if config.preflight is not Preflight.off and not config.model.simulated:
            key = subject_of(config), config.model.tools
            known = hardest.setdefault(key, config)
            if config.ctx_limit > known.ctx_limit:
                hardest[key] = config
    yield from hardest.values()


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Compose the config as a run would, look its server over, and print what was found."""
    parser = ArgumentReader(prog="harness preflight", description="Look a model's server over.")
    parser.add_argument("overrides", nargs="+", metavar="key=value", help="as for a run: model=… model.name=…")
    parser.add_argument("--config-dir", metavar="DIR", help="folder with a conf/ of your own, as for a run")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_intermixed_args(words)
    with errors_in_one_line():
        config = _config(options.overrides, options.config_dir)
        with Subjects() as subjects:
            facts, findings = preflight(config, subjects.endpoint(config))
            told = _as_json(config, facts, list(findings)) if options.json else _as_table(findings)
    sys.exit(UNFIT if list(failures(told)) else 0)


def _config(given: list[str], config_dir: str | None) -> RunConfig:
    register()
    overrides = readable(given, config_dir)
    check_own_files(config_dir, overrides)
    register_own_tasks(overrides)
    own = [f"hydra.searchpath=[{quoted(f'file://{Path(config_dir).resolve()}')}]"] if config_dir else []
    with initialize_config_dir(str(packed("conf")), version_base="1.3"):
        composed = build(values_of(compose("config", [*overrides, *own])))
    composed.check_overrides(overrides)
    return composed.run


def _as_table(findings: Iterator[Finding]) -> list[Finding]:
    """One line for each finding, as it is made: some take minutes."""
    told = []
    for found in findings:
        remedy = f"  -> {found.remedy}" if found.remedy else ""
        print(f"{found.verdict.value:<5} {found.check:<11} {found.found}{remedy}", flush=True)
        told.append(found)
    return told


def _as_json(config: RunConfig, facts: ServerFacts, findings: list[Finding]) -> list[Finding]:
    report = {
        "model": config.model.name,
        "endpoint": config.model.endpoint,
        "fit": not list(failures(findings)),
        "window": facts.window,
        "tools": next((found.tools for found in findings if found.tools is not None), None),
        "fingerprint": facts.fingerprint,
        "findings": [vars(found) for found in findings],
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return findings
