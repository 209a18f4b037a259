"""``python -m tradewind``: the command line."""

import sys

from tradewind.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
