"""One run of a local language model as an autonomous coding agent, from a config to a record.

The front door is `harness.run.run`: a `RunConfig` in, a `RunRecord` out.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("harness-sweeps")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "unknown"
