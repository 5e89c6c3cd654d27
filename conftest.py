"""What holds for every test of the project: property tests have no deadline, since machines differ in speed.

Also loads the project's own pytest plugin where the project is not installed; where it is, its entry point does.
"""

from importlib.metadata import entry_points

from hypothesis import settings

pytest_plugins = (
    () if any(point.value == "core.testing" for point in entry_points(group="pytest11")) else "core.testing"
)

settings.register_profile("tessera", deadline=None, print_blob=True)
settings.load_profile("tessera")
