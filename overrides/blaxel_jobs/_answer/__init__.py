"""From the body of a success to an execution that is what its types say.

In: the body of a 2xx. Out: a generated model, by `decode.execution_of`, or ResponseDecodeError.
Imported by the clients; `timestamp` is public.
"""
