"""The operator's command, `blaxel-jobs`: its options, what it does with one execution, its output.

In: arguments and standard input. Out: lines, JSON and an exit code, by `main.main`. Imported by
`blaxel_jobs.__main__` alone.
"""
