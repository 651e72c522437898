"""What is shipped for a deployment says what the service and its image are."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from mechkg.api.http.settings import SETTINGS, Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()


def test_compose_sets_settings_that_there_are() -> None:
    service = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["mechkg"]
    known = {setting.env for setting in SETTINGS}
    assert set(service["environment"]) <= known
    defaults = {name: re.fullmatch(r"\$\{(\w+):-(.*)\}", text).groups()
                for name, text in service["environment"].items()}  # fmt: skip
    assert all(name == variable for name, (variable, _) in defaults.items())
    assert defaults["MECHKG_DATA"][1] in DOCKERFILE
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    (volume,) = service["volumes"]
    assert f"VOLUME {volume.partition(':')[2]}" in DOCKERFILE


def test_the_quadlet_says_what_compose_says() -> None:
    """Keys of a quadlet may be repeated, so that a parser of INI files is of no use."""
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["mechkg"]
    lines = (ROOT / "deploy" / "mechkg.container").read_text().splitlines()
    pairs = [line.partition("=")[::2] for line in lines if "=" in line and line[0] != "#"]
    unit = {name: [v for n, v in pairs if n == name] for name, _ in pairs}
    given = dict(text.split("=") for text in unit["Environment"])
    assert given == {
        name: re.fullmatch(r"\$\{\w+:-(.*)\}", text)[1]
        for name, text in compose["environment"].items()
    }
    assert unit["Exec"] == [" ".join(compose["command"])]
    assert unit["ReadOnly"] == ["true"]
    assert unit["Tmpfs"] == compose["tmpfs"]
    assert unit["DropCapability"] == [name.lower() for name in compose["cap_drop"]]
    assert unit["PublishPort"] == compose["ports"]
    assert unit["PodmanArgs"] == [
        f"--memory={compose['mem_limit']} --pids-limit={compose['pids_limit']}"
    ]
    assert unit["Volume"] == ["mechkg.volume:/data"]
    assert (ROOT / "deploy" / "mechkg.volume").is_file()
    (stop,) = unit["TimeoutStopSec"]
    assert float(stop) > Settings().stop_seconds


LOCKS = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_by_its_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text().replace("\\\n", " ")
    rows = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert rows
    for row in rows:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ ", row), row
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", row), row


def test_what_the_image_installs_is_what_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = set(re.findall(r"(?m)^([\w.-]+)(?:\[\S+\])?==",
                            (ROOT / "requirements" / "runtime.txt").read_text()))  # fmt: skip
    for need in project["dependencies"]:
        assert re.match(r"[\w.-]+", need)[0] in pinned


def test_the_image_owns_what_a_named_volume_is_mounted_on() -> None:
    before, user, after = DOCKERFILE.partition("\nUSER mechkg\n")
    assert user
    assert "install -d -o mechkg -g mechkg -m 0755 /data" in before
    assert "VOLUME /data" in after


def test_bounds_of_the_proxy_are_those_of_the_settings() -> None:
    settings = Settings()
    (body,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(body) << 20 == settings.body_bytes
    for name, seconds in (
        ("client_body_timeout", settings.arrival_seconds),
        ("client_header_timeout", settings.arrival_seconds),
        ("send_timeout", settings.send_seconds),
        ("keepalive_timeout", settings.idle_seconds),
    ):
        assert re.findall(rf"{name} (\d+)s;", NGINX) == [f"{seconds:g}"]
    (read,) = re.findall(r"proxy_read_timeout (\d+)s;", NGINX)
    assert float(read) > settings.request_seconds
