"""`python -m blaxel_jobs`: the operator's command, which is installed as `blaxel-jobs` too."""

import sys

from blaxel_jobs._command.main import main

if __name__ == "__main__":
    sys.exit(main())
