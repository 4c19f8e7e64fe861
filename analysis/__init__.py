"""Many records: read ledgers, test what sweeps declared, judge code, and regenerate the study.

The data frames are the way to the records for your own code (docs/frames.md). They are imported on first use, since
pandas takes half a second to load.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.records.frames import calls_df, passes_df, runs_df, tool_calls_df

__all__ = ["calls_df", "passes_df", "runs_df", "tool_calls_df"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from analysis.records import frames  # noqa: PLC0415

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
