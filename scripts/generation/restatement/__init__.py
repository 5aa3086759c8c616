"""The contract restated for a generator, in memory: it means the same to a client, or less.

In: the contract as plain JSON values. Out: one that both generators can take, by `profile.profile`.
Imported by the rest of `generation`, and by `comparison`, which compares what callers would see.
"""
