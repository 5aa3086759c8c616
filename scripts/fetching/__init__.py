"""Pages come from their site into `spec/docs`; each is read before it is written.

In: `spec/sources.yaml`. Out: files, all or nothing, by `pages.fetch`. Imported by its command.
"""
