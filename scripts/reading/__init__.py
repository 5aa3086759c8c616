"""A captured file becomes one page of facts, each with the line that states it.

In: the bytes of a file in `spec/docs`. Out: a `Page` (page text, saved HTML) or a `DocumentPage`
(`.md`), by `capture.read_capture`. Imported by `contract`, `fetching`, `picture` and the commands.
"""
