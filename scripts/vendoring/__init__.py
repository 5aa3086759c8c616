"""A wheel becomes a copy inside a service: relative imports, licences, a manifest.

In: a wheel and a folder. Out: files below that folder, by `copy.vendor`. Imported by its
command.
"""
