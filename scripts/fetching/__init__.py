"""Pages come from their site into `spec/docs`, read before they are written.

In: `spec/sources.yaml`. Out: files, all or nothing, by `pages.fetch`. Imported by its command.
"""
