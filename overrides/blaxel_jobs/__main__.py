"""`python -m blaxel_jobs`: the operator's command, which is installed as `blaxel-jobs` too."""

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
