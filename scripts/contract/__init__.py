"""Pages become one OpenAPI document, in which every part is a fact that knows its origin.

In: a folder of captures, and overlays. Out: the validated contract and its notices, by
`pipeline.build`; its report in words, by `report`. Imported by `generation`, `picture` and the
commands.
"""
