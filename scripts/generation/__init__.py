"""The contract becomes code: an attrs client, and pydantic models beside it.

In: the contract. Out: the files of `generated/`, written all or nothing, by `run.generate`. On the
way: `refusal` of what no generator can do, `restatement` in memory, the `generators`, and the
`package` that holds their output. Imported by `release`, `comparison` and the commands.
"""
