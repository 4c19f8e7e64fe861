"""What a worker is given of the world around it."""

from sweeps.cluster.supervisor import environment

GIVEN = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "LC_ALL": "C",
    "XDG_CACHE_HOME": "/cache",
    "HARNESS_GO": "/go/bin/go",
    "HARNESS_TOKEN": "secret",
    "PYTHONPATH": "/lib",
    "MODEL_KEY": "one",
    "OTHER_KEY": "two",
    "AWS_SECRET_ACCESS_KEY": "three",
    "DATABASE_URL": "postgres://me:four@db",
    "RAY_AUTH_TOKEN": "five",
}


def test_a_worker_has_no_secret_but_the_keys_that_its_configs_name() -> None:
    """What it may need is listed, whatever else there is stays outside."""
    found = environment(GIVEN, ["MODEL_KEY", "NOT_SET"])
    assert {"PATH", "HOME", "LC_ALL", "XDG_CACHE_HOME", "HARNESS_GO", "PYTHONPATH", "MODEL_KEY"} == set(found)
    assert ("one", True) == (found["MODEL_KEY"], found["PYTHONPATH"].endswith(":/lib"))
