"""The HTTP library: httpx, named here, in `core` and in pyproject.toml, and nowhere else.

All other modules import it from here, so that the day generated code imports httpx2, the fork that
is kept up, they move along with `import httpx2 as httpx` (docs/httpx2.md).
"""

import httpx

__all__ = ["httpx"]
