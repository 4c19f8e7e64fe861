"""Named levels: variants of a model and arguments of a server as factors."""

from pathlib import Path

import pytest

from harness.config import ConfigError, ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.servers.managed import command_of
from sweeps.checks import problem_of_arms
from sweeps.levels import with_levels, with_variant

LEVELS = {"kv": {"f16": "-ctk f16", "q8_0": "-ctk q8_0"}, "spec": {False: "", "mtp": "--spec '{\"n\": 1}'"}}
VARIANTS = {"q4": {"path": "/q4.gguf"}, 8: {"path": "/q8.gguf", "top_k": 1}}


def test_chosen_levels_add_their_arguments() -> None:
    """Labels that YAML reads as switches are found as they are typed, and arguments keep their braces."""
    server = with_levels({"args": "-t 1", "chosen": {"spec": "mtp", "kv": "q8_0"}, "levels": LEVELS})
    assert {"kv": "q8_0", "spec": "mtp"} == server["chosen"]
    config = RunConfig(ModelConfig("m"), TaskConfig("reverse"), ServerConfig(True, "serve {name}", **server))
    assert ["serve", "m", "-t", "1", "--spec", '{"n": 1}', "-ctk", "q8_0"] == command_of(config)
    assert "" == with_levels({"chosen": {"spec": "off"}, "levels": LEVELS})["args"]


@pytest.mark.parametrize(
    ("chosen", "levels", "line"),
    [
        ({"kv": "q9"}, LEVELS, "server.kv=q9: must be one of f16, q8_0"),
        ({"spec": "on"}, LEVELS, "server.spec=on: must be one of off, mtp"),
        ({"kw": "f16"}, LEVELS, "levels of this server: server.kv, server.spec"),
        ({"kv": "a"}, {"kv": {"a": "-x  1", "b": "-x 1"}}, "server.levels.kv.b: is the same as a"),
        ({"kv": "a"}, {"kv": {"a": ["-x"]}}, "must be the arguments of the server as one text"),
        ({"kv": "a"}, {"kv": "f16"}, "must be labels with their values"),
    ],
)
def test_a_level_that_is_none_is_one_line(chosen: dict[str, str], levels: dict[str, object], line: str) -> None:
    """The line names the key, the label and what there is."""
    with pytest.raises(ConfigError) as caught:
        with_levels({"chosen": chosen, "levels": levels})
    assert line in str(caught.value)


def test_a_variant_sets_fields_of_the_model() -> None:
    """Its keys are reported, so that no override of them is lost; without variants any label will do."""
    model, hidden = with_variant({"name": "m", "variant": "8", "variants": VARIANTS})
    assert {"name": "m", "variant": "8", "path": "/q8.gguf", "top_k": 1} == model
    assert {"model.path", "model.top_k"} == hidden
    assert ({"name": "m", "variant": "mine"}, frozenset()) == with_variant({"name": "m", "variant": "mine"})
    for variant, variants in (("q5", VARIANTS), ("a", {"a": {"pth": "/x"}}), ("a", {"a": "/x"}), ("a", ["a"])):
        with pytest.raises(ConfigError, match=r"model\.variant"):
            with_variant({"variant": variant, "variants": variants})


def test_weights_and_labels_are_checked_before_the_first_run(tmp_path: Path) -> None:
    """Missing files, files that are no GGUF, and one file under two labels, linked or not, are one line each."""
    good, bad, link = tmp_path / "a.gguf", tmp_path / "b.gguf", tmp_path / "c.gguf"
    good.write_bytes(b"GGUF\x03")
    bad.write_bytes(b"<html>")
    link.symlink_to(good)

    def problem(*paths: Path) -> str | None:
        server = ServerConfig(True, "llama-server --model {model}")
        models = [ModelConfig("m", path=str(path), variant=f"v{number}") for number, path in enumerate(paths)]
        return problem_of_arms([RunConfig(model, TaskConfig("reverse"), server) for model in models])

    assert None is problem(good)
    assert "is no GGUF file" in str(problem(good, bad))
    assert "there is no such file" in str(problem(tmp_path / "d.gguf"))
    assert "model.variant=v0 and model.variant=v1 are the same model" in str(problem(good, link))
