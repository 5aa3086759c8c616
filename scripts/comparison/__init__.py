"""Two contracts, or two Python packages, become the version bump that their difference asks for.

In: contracts as plain JSON values (`contracts.compare`), folders of packages (`python_api`). Out: a
bump and its reasons. Imported by `release` and the commands.
"""
