"""What holds for every test of the project: property tests have no deadline, since machines differ in speed."""

from hypothesis import settings

settings.register_profile("tessera", deadline=None, print_blob=True)
settings.load_profile("tessera")
