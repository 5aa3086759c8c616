"""What commands say: to people at a terminal, to people with a log, to programs.

In: results, notices, problems. Out: text on standard output and standard error. Imported by the
commands; `progress` by whatever takes long.
"""
