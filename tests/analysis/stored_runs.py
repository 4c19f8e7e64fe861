"""Runs on the disk: ledgers, run folders and transcripts, ordinary and hostile."""

import json
from pathlib import Path
from typing import Any

from ledger_lines import Line, line

FIRST, SECOND, OPEN = "20260101T000000-aaaa1111", "20260102T000000-bbbb2222", "20260103T000000-cccc3333"

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'><svg onload='window.hacked = 1'>",
    "<!-- <script> --> ]]> --!> {{ 7 * 7 }} {% raw %} &lt;b&gt; &#60;",
    "\x00 nul \x1b[31m red \x08 \x7f \u202e desrever \u2066 \ufeff \u2028 \ud800",
    "'\" onmouseover=window.hacked=1 x=' javascript:window.hacked=1",
    "__proto__ constructor data:text/html,<script>window.hacked=1</script>",
]
"""Texts that models or servers could write, and that must stay text."""


def call(name: str, key: str, **arguments: Any) -> dict[str, Any]:
    """A tool call as a reply holds it."""
    return {"id": key, "name": name, "arguments": json.dumps(arguments)}


def events(text: str = "thinking of a.go", passes: int = 3) -> list[Line]:
    """A transcript: a first pass that writes a file, then passes that only read."""
    usage = {"total_tokens": 1200, "prompt_tokens": 1000, "completion_tokens": 200}
    found: list[Line] = [
        {"event": "run_started", "run_id": FIRST},
        {"event": "prompts", "system": "be good", "prompt": f"write a.go\n{text}", "tools": []},
    ]
    for number in range(1, passes + 1):
        writes = number == 1
        made = call("write_file", "c1", path="a.go", content="package a\n\nfunc A() int { return 1 }\n")
        read = call("read_file", "c1", path="a_test.go")
        result = "wrote 36 bytes to a.go" if writes else "\n".join(f"line {n} {text}" for n in range(40))
        name = "write_file" if writes else "read_file"
        found += [
            {"event": "pass_started", "number": number},
            {"event": "reply", "step": 1, "reasoning": text, "content": f"pass {number}", "usage": usage,
             "seconds": 1.5, "tool_calls": [made if writes else read], "finish_reason": "tool_calls"},
            {"event": "tool", "step": 1, "name": name, "id": "c1", "result": result, "seconds": 0.2},
            {"event": "reply", "step": 2, "content": text, "tool_calls": [call("done", "c2")], "usage": usage},
            {"event": "verdict", "accepted": False, "green": ["b"], "feedback": f"a fails: {text}"},
            {"event": "tool", "step": 2, "name": "done", "id": "c2", "result": "not yet"},
            {"event": "pass_finished", "number": number, "error": None, "reason": "model_stop", "steps": 2,
             "peak_tokens": 9000 + number, "loads": 0 if writes else 1, "acts": int(writes), "changed": writes,
             "packages_green": 1},
        ]  # fmt: skip
    return found


def per_pass(passes: int = 3) -> list[Line]:
    """The passes of `events` as the record holds them."""
    kept = ("reason", "steps", "peak_tokens", "loads", "acts", "changed", "packages_green")
    return [{name: one[name] for name in kept} for one in events(passes=passes) if one["event"] == "pass_finished"]


def store(ledger: Path, run_id: str, transcript: list[Line] | str) -> Path:
    """Write the transcript of a run into its folder."""
    folder = ledger.parent / "runs" / run_id
    folder.mkdir(parents=True)
    plain = transcript if isinstance(transcript, str) else "".join(json.dumps(one) + "\n" for one in transcript)
    (folder / "transcript.jsonl").write_text(plain, encoding="utf-8", errors="surrogatepass")
    return folder


def run_line(run_id: str, **given: Any) -> Line:
    """A line with the passes of `events`; three passes, two of which changed nothing."""
    own = {"passes": 3, "pass_reasons": ["model_stop"] * 3, "per_pass": per_pass(), "duration_sec": 60.0,
           "packages_green": 1, "packages_total": 2, "units": {"a": "unwritten", "b": "passing"}, "total_tokens": 7200,
           "model_calls": 6, "tool_calls": 6, "proof": "tokens"}  # fmt: skip
    return line(run_id, **(own | given))


def hostile_line(run_id: str, text: str) -> Line:
    """A line whose texts are hostile, and whose numbers are of other types."""
    texts = dict.fromkeys(("model", "task", "sweep", "fault", "sandbox", "lever", "variant", "proof"), text)
    odd = {"per_pass": [1, text, {"acts": text, "peak_tokens": [], "changed": text}], "tampering": [text, {}],
           "server": {text: {text: text}}, "units": {text: text}, "tool_counts": {text: 1}, "pass_reasons": [text],
           "sampling_status": {"top_p": text}}  # fmt: skip
    return run_line(run_id, **(texts | odd))
