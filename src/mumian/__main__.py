"""`mumian` and `python -m mumian`."""

from mumian.cli import main

if __name__ == "__main__":
    main()
