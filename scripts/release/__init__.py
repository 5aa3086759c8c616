"""A commit becomes a version: changelog, tag, build, bill of materials, upload.

In: a checkout. Out: a tag (`version`), files in `dist/` (`build`), an upload (`publish`).
Imported by the commands.
"""
