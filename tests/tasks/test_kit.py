"""Generated kits: the same files for the same arguments, of the sizes asked for, and solvable."""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from harness.cell import InputHashes, cell_key
from harness.config import ConfigError, KitConfig, ModelConfig, RunConfig, TaskConfig
from harness.kit_config import KITS, LEAST_SPEC, MOST_PACKAGES
from harness.outcome import Outcome
from harness.runner import run
from harness.tasks.catalogue import check_seed, load
from harness.tasks.check import TaskBench
from harness.tasks.kit.generated import contracts, generate
from harness.tasks.kit.stores import COMPOSER, NAMES, store_rules

SIZES = [KitConfig(1, False, 3000), KitConfig(4, True, 3000), KitConfig(12, True, 9000)]

every_kit = pytest.mark.parametrize("name", KITS)


def model(profile: str) -> ModelConfig:
    return ModelConfig(name=f"sim-{profile}", profile=profile, endpoint="embedded")


def hash_of(name: str, arguments: KitConfig) -> str:
    made = generate(name, arguments)
    whole = [made.contract.prompt, made.seed, made.contract.solution]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def test_the_same_arguments_make_the_same_bytes_on_every_machine() -> None:
    """These hashes were written down once. A kit that changes is another task: its records are no longer comparable."""
    expected = {
        "kit": ["31207e8946085406", "5e83bf6e1a1b86b4", "4ce643d802352fc6"],
        "kit_py": ["1f696ac205643496", "3a91e5913e29e73c", "4404cb45f74d2b29"],
    }
    assert expected == {name: [hash_of(name, size) for size in SIZES] for name in KITS}


@every_kit
@pytest.mark.parametrize("spec_bytes", [LEAST_SPEC, 7000, 20000])
def test_specs_have_the_sizes_asked_for(name: str, spec_bytes: int) -> None:
    """The largest spec and the composer's have `spec_bytes`, the smallest half of it, each less a few steps at most."""
    specs = generate(name, KitConfig(5, True, spec_bytes)).specs
    sizes = {package: len(text.encode()) for package, text in specs.items()}
    expected = {package: spec_bytes * (8 - place) // 8 for place, package in enumerate(NAMES[:5])}
    for package, size in (expected | {COMPOSER: spec_bytes}).items():
        assert size - 100 <= sizes[package] <= size, package


@every_kit
def test_a_composer_imports_every_package_and_no_package_another(name: str) -> None:
    """Without a composer a kit is flat."""
    for arguments in (KitConfig(3, True), KitConfig(3, False)):
        for package in generate(name, arguments).contract.packages:
            imported = {other for other in (*NAMES, COMPOSER) if re.search(rf"(kit/|import ){other}\b", package.code)}
            assert imported == set(package.imports)
            assert imported == (set(NAMES[:3]) if package.name == COMPOSER else set())


@every_kit
def test_the_size_of_specs_changes_no_contract(name: str) -> None:
    """Prompt and solution are the same at every size, so that a sweep over sizes changes nothing but the specs."""
    small, large = (generate(name, KitConfig(3, True, size)) for size in (3000, 8000))
    assert small.contract == large.contract
    assert small.seed != large.seed


def test_no_two_kits_have_one_prompt() -> None:
    """So a prompt says which solution it is about."""
    prompts = [contract.prompt for name in KITS for contract in contracts(name)]
    assert 2 * 2 * MOST_PACKAGES == len(set(prompts))


def test_no_two_stores_have_the_same_rules() -> None:
    """A solution that is copied from one store to another fails."""
    rules = {(one.form, one.victim, one.order, one.factor, one.limit) for one in store_rules(MOST_PACKAGES)}
    assert MOST_PACKAGES == len(rules)


@pytest.mark.go
@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), list(product(KITS, [SIZES[0], KitConfig(5, True, 6000)])))
def test_the_solution_passes_and_the_seed_fails(name: str, arguments: KitConfig, tmp_path: Path) -> None:
    """By proof, as any task of the catalogue; and a package without code fails alone with what imports it."""
    task = load(name, tmp_path / "kits", kit=arguments)
    check_seed(task)
    bench = TaskBench(replace(task, verify=task.verify.replace("go test", "go test -count=1")), tmp_path)
    assert not bench.gate().accepted
    bench.lay_solution()
    verdict = bench.gate()
    assert verdict.accepted, verdict.feedback
    gone = bench.root / ("amber/amber.go" if name == "kit" else "amber.py")
    gone.unlink()
    left = {
        task.toolchain.files.unit_of(path) for path in generate(name, arguments).seed if "_test" in path or "py" in path
    }
    lacking = {unit for unit in left if "amber" in unit or COMPOSER in unit}
    assert frozenset(left - lacking) == bench.gate().green


@pytest.mark.parametrize(("wrong", "right"), [("factor = 2", "factor = 3"), ("limit  = 2", "limit  = 3")])
@pytest.mark.go
def test_a_spec_finds_a_wrong_rule(wrong: str, right: str, tmp_path: Path) -> None:
    """Also at the least size."""
    task = load("kit", tmp_path / "kits", kit=KitConfig(1, False, LEAST_SPEC))
    bench = TaskBench(task, tmp_path)
    bench.lay_solution()
    code = bench.root / "amber" / "amber.go"
    assert wrong in code.read_text()
    code.write_text(code.read_text().replace(wrong, right))
    assert not bench.gate().accepted


@pytest.mark.go
@pytest.mark.parametrize("arguments", [KitConfig(2, True), KitConfig(3, False, 5000)])
@every_kit
def test_the_oracle_completes_it(name: str, arguments: KitConfig, tmp_path: Path) -> None:
    """In one pass, through the front door of a run; the subject that does nothing stagnates."""
    task = TaskConfig(name=name, verify=load(name).verify)
    record = run(RunConfig(model=model("oracle"), task=task, kit=arguments, log_dir=str(tmp_path)))
    assert (Outcome.COMPLETED, 1, f"examples/{name}/PROMPT.md") == (record.outcome, record.passes, record.task)
    assert ("tokens" if name == "kit" else "split") == record.proof


def test_a_kit_that_was_changed_is_made_anew(tmp_path: Path) -> None:
    """Seed, prompt and catalogue alike: no run starts from files that the arguments do not make."""
    first = load("kit", tmp_path)
    for path in (first.prompt, first.seed / "amber" / "amber_test.go", first.examples / "catalogue.json"):
        path.write_text("{}")
        again = load("kit", tmp_path)
        check_seed(again)
        assert (first, "kit") == (again, again.prompt.read_text()[2:5])
    shutil.rmtree(first.seed)
    check_seed(load("kit", tmp_path))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"packages": 0}, "kit.packages=0: must be 1 to 12"),
        ({"packages": 13}, "kit.packages=13: must be 1 to 12"),
        ({"spec_bytes": 2999}, "kit.spec_bytes=2999: must be 3000 to 20000 bytes"),
        ({"spec_bytes": 10**9}, "kit.spec_bytes=1000000000: must be 3000 to 20000 bytes"),
    ],
)
def test_a_size_that_no_kit_has_is_one_line(values: Mapping[str, int], line: str) -> None:
    """What, where, and what is allowed."""
    with pytest.raises(ConfigError) as error:
        KitConfig(**values)
    assert line == str(error.value)


def test_arguments_of_a_kit_are_for_kits_alone() -> None:
    """Another task would be the same at every level."""
    with pytest.raises(ConfigError) as error:
        RunConfig(model=model("nop"), task=TaskConfig(name="calc"), kit=KitConfig(composer=False))
    assert "kit.composer=false: must be used with task=kit or task=kit_py, not with task=calc" == str(error.value)


def test_arguments_are_part_of_a_kit_s_cell_and_of_no_other() -> None:
    """Defaults too, so that a later default makes no two kits one; cells of other tasks keep their keys."""
    inputs = InputHashes("p", "s", "w")

    def key(task: str, **values: int) -> str:
        return cell_key(RunConfig(model=model("nop"), task=TaskConfig(name=task), kit=KitConfig(**values)), inputs)

    keys = {key("kit"), key("kit", packages=5), key("kit", spec_bytes=4000), key("kit", composer=False)}
    assert 4 == len(keys)
