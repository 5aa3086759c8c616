"""Calls on many executions: cancels side by side, lists, and all of a job.

In: pairs of ids, or a job. Out: results and executions as they come.
"""
