"""What the library's connections are made of. Apart, since a program may never need it."""

import httpcore

__all__ = ["httpcore"]
