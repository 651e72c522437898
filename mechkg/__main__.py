"""`python -m mechkg`: the command line without an installed script."""

from mechkg.api.cli import main

if __name__ == "__main__":
    main()
