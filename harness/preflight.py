"""Hands over to the preflight, so that `python -m harness.preflight` looks a model's server over."""

from sweeps.preflight_command import main

if __name__ == "__main__":
    main()
