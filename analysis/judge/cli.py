"""`python -m analysis judge …`: what the judge is asked, and what its answers say."""

import typer

app = typer.Typer(help="Code quality, judged head to head by another model.")
