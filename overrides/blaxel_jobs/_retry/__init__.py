"""What one call does, without any I/O: attempts, waits, verdicts and the doubt they leave.

In: a request, and the outcome of each send. Out: effects for a driver to carry out, and in the end
an answer or an error, by `policy.call`. `RetryPolicy` and `Attempt` are public.
"""
