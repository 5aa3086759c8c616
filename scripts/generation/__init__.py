"""The contract becomes code: an attrs client, and pydantic models beside it.

In: the contract. Out: the files of `generated/`, written all or nothing, by `run.generate`. On the
way: `refusal` of what no generator can do, `profile` (with `restatement` and `variants`) in memory,
both generators, `adaptation` (with `styles` and `identifiers`) of the attrs client.
Imported by `release` and the commands.
"""
