"""Columns of a ledger: fields, types, and the factors that make runs comparable."""

from harness.kit_config import KitConfig

FACTORS = {
    "simulated": "BOOLEAN",
    "task": "VARCHAR",
    "task_set": "VARCHAR",
    "model": "VARCHAR",
    "proof": "VARCHAR",
    "variant": "VARCHAR",
    "server_levels": "VARCHAR",
    "ctx_limit": "BIGINT",
    "memory": "BOOLEAN",
    "elide_passing": "BOOLEAN",
    "lever": "VARCHAR",
    "toolset": "VARCHAR",
    "agent": "VARCHAR",
    "agent_version": "VARCHAR",
    "max_iters": "BIGINT",
    "max_steps": "BIGINT",
    "max_tokens": "BIGINT",
    "temperature": "DOUBLE",
    "top_p": "DOUBLE",
    "top_k": "BIGINT",
    "min_p": "DOUBLE",
    "repetition_penalty": "DOUBLE",
    "presence_penalty": "DOUBLE",
    "seed_sha256": "VARCHAR",
    "prompt_sha256": "VARCHAR",
    "system_sha256": "VARCHAR",
    "weights_sha256": "VARCHAR",
    "template_sha256": "VARCHAR",
    "quant": "VARCHAR",
    "engine": "VARCHAR",
    "software": "VARCHAR",
    "model_owner": "VARCHAR",
    "model_file": "VARCHAR",
    "tools": "VARCHAR",
    "server_command": "VARCHAR",
    "behaviour": "BIGINT",
}
"""Everything on a line in which comparable runs must agree, in the order in which tables show it."""

SUBJECT = ("simulated", "task", "model")
"""Runs that differ in one of these are never pooled, whatever is asked for."""

ARM = (*SUBJECT, "variant", "server_levels")
"""Fields that decide the server and the weights of a run."""

SERVED = {
    "weights_sha256": "weights_sha256",
    "template_sha256": "template_sha256",
    "quant": "quant",
    "engine": "version",
    "software": "software",
    "model_owner": "owner",
    "model_file": "file",
    "tools": "tools",
    "server_command": "command",
}
"""Columns of the server's fingerprint, and their names there."""

KIT = tuple(f"kit.{name}" for name in vars(KitConfig()))
"""Arguments of a generated task, which decide its seed and its prompt. They are read from the configs of runs."""

HASHES = {
    "seed_sha256": (*SUBJECT, *KIT),
    "prompt_sha256": (*SUBJECT, *KIT),
    "system_sha256": (*SUBJECT, "memory", "lever", "toolset", "agent"),
    "agent_version": ("agent",),
    "proof": (),
    "behaviour": (),
} | dict.fromkeys(SERVED, ARM)
"""Texts and files by content, each with the factors that decide it: the built-in system prompt speaks of notes only
where memory is on, a lever may add to it, and command agents have their own; a server must stay the same within an arm.
Beyond these, two known hashes are two experiments; an unknown one (the original wrote none) is stated, not split off.
Two kinds of proof, or two versions of the harness's behaviour, are never pooled, whatever else agrees."""

ENVIRONMENT = {
    "endpoint": "VARCHAR",
    "sandbox": "VARCHAR",
    "harness_version": "VARCHAR",
    "git_commit": "VARCHAR",
    "toolchain": "VARCHAR",
    "toolchain_version": "VARCHAR",
    "tools_mode": "VARCHAR",
    "task_public": "BOOLEAN",
    "window": "BIGINT",
}
"""Circumstances of a run that are no part of its cell. They separate no rows, but arms that differ in them are no
clean comparison."""

AROUND = ("endpoint", "window")
"""Circumstances that stand in what a record holds of its server."""

MEASURES = {
    "passes": "BIGINT",
    "duration_sec": "DOUBLE",
    "model_calls": "BIGINT",
    "read_bytes": "BIGINT",
    "elided_reads": "BIGINT",
    "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT",
    "total_tokens": "BIGINT",
    "packages_green": "BIGINT",
    "packages_total": "BIGINT",
    "position": "BIGINT",
    "replicate": "BIGINT",
    "usage_estimated": "BOOLEAN",
    "prefill_tokens_per_sec": "DOUBLE",
    "decode_tokens_per_sec": "DOUBLE",
    "joules": "DOUBLE",
}
"""Measures of a run, read only where a command needs them."""

PLACE = {"sweep": "VARCHAR", "block": "BIGINT"}
"""Position of a run in its sweep; `--where` takes these too."""

RAW = (
    {
        "run_id": "VARCHAR",
        "cell": "VARCHAR",
        "schema": "BIGINT",
        "time": "VARCHAR",
        "outcome": "VARCHAR",
        "counts_as": "VARCHAR",
    }
    | FACTORS
    | PLACE
    | MEASURES
    | {name: kind for name, kind in ENVIRONMENT.items() if name not in AROUND}
    | {"sampling_seed": "BIGINT", "transcript_sha256": "VARCHAR"}
    | {"tool_counts": "JSON", "pass_reasons": "VARCHAR[]"}
)
"""Every field that is read at all."""
