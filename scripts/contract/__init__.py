"""Pages become one OpenAPI document, in which every part is a fact that knows its origin.

In: a folder of captures and overlays. Out: the contract, checked, and its notices, by
`pipeline.build`; `report` says of it in words where each part is known from. Imported by
`generation`, `picture` and the commands.
"""
