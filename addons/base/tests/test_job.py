"""Jobs as administrators see them."""

from core import EnvironmentProtocol, enqueue


def test_a_job_is_found_by_its_name(env: EnvironmentProtocol) -> None:
    id_ = enqueue(env, "base.clean")
    assert [row["id"] for row in env["core.job"].read("contains(name, 'Clean')", ["id"])] == [id_]
