"""What is shipped for a deployment says what the service and its image are."""

import re
from pathlib import Path

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
