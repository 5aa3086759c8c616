"""The operator's command, `blaxel-jobs`: options, what it does with an execution, output.

In: arguments and standard input. Out: lines, JSON and an exit code, by `main.main`.
"""
