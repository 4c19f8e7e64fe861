"""`python -m harness …`: hands over to the sweeps, which know how to read a command line."""

from sweeps.app import main

if __name__ == "__main__":
    main()
