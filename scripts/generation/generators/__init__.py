"""Both generators, each a process of its own, and what is changed of what they write.

In: a restated contract. Out: the text of the attrs client's files (`attrs_client`) and of the
pydantic models (`pydantic_models`), by way of a `worker`. Imported by `generation.package`;
`styles` also by `generation.refusal`, which refuses what no style can send.
"""
