"""The parser of every command that reads its own arguments."""

import argparse
from typing import NoReturn


class ArgumentReader(argparse.ArgumentParser):
    """Answers a wrong request in one line, where the stock parser repeats how it is called."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help says more\n")
