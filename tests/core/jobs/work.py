"""A worker with the jobs of the tests, as a process of its own: `work.py URL`."""

import sys
from datetime import timedelta

from conftest import TESTED
from core.addon.instance import Instance
from core.jobs.worker import Worker

if __name__ == "__main__":
    instance = Instance.open(sys.argv[1])
    instance.runtime.jobs = {**instance.runtime.jobs, **{job.name: job for job in TESTED}}
    Worker(instance, lease=timedelta(seconds=2), poll=0.05).run()
