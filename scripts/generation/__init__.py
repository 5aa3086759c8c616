"""The contract becomes code: an attrs client, and pydantic models beside it.

In: the contract. Out: the files of `generated/`, written all or nothing, by `run.generate`.
Imported by `release` and the commands.
"""
