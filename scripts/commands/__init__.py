"""The commands of `python -m scripts`, one module each.

In: options. Out: what the package below made, through a `Console`, and an exit code. Imported
by `scripts.__main__` alone, which lists them.
"""
