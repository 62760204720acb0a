"""`python -m l2c` is the command `l2c`."""

from l2c.cli.main import main

if __name__ == "__main__":
    main()
