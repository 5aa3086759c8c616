"""A commit becomes a version: build, bill of materials, changelog, tag, and what an index holds.

In: a checkout. Out: a tag (`cut`), files in `dist/` (`build`), an upload (`publish`). Imported by
the commands.
"""
