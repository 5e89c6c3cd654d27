"""Work in the background: the queue (`core.job`), the schedule (`core.schedule`) and the workers.

A job is enqueued in the caller's transaction and exists only if that commits. A worker claims it, runs it in a
transaction of its own and notes the end in that same transaction. What a job is lies in `core.job`, since addons
declare it; nothing here knows any job.
"""
