"""Write the generated reference pages of docs/, or with --check fail if one is out of date."""

import argparse
import sys
from pathlib import Path

from sweeps.reference import configuration, records, tools

DOCS = Path(__file__).resolve().parents[2] / "docs"

PAGES = {"configuration.md": configuration.page, "record.md": records.page, "tools.md": tools.page}


def main() -> None:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(prog="python -m sweeps.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 if a page is out of date")
    check = parser.parse_args().check
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"docs/{name} is out of date: run python -m sweeps.reference")


if __name__ == "__main__":
    main()
