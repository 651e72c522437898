"""Settings come from arguments, else from the environment, else from the table."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mechkg.api.http.settings import SETTINGS, Settings
from mechkg.kg.errors import QueryError


def test_the_table_has_every_setting_with_its_meaning():
    assert [row.name for row in SETTINGS] == [f.name for f in msgspec.structs.fields(Settings)]
    assert all(row.meaning.endswith(".") for row in SETTINGS)
    assert len({row.env for row in SETTINGS}) == len(SETTINGS)


def test_an_argument_wins_over_the_environment_and_that_over_the_default():
    environment = {"PORT": "9000", "MECHKG_DATA": "/somewhere", "MECHKG_ACCESS_LOG": "false"}
    settings = Settings.gather(environment, port="7000", host=None)
    assert settings == Settings(port=7000, data=Path("/somewhere"), access_log=False)


@pytest.mark.parametrize(
    ("environment", "arguments", "named"),
    [
        ({"PORT": "eighty"}, {}, "PORT"),
        ({"MECHKG_THREADS": "1"}, {}, "MECHKG_THREADS"),
        ({}, {"port": 70_000}, "port"),
        ({"PORT": "1"}, {"port": "-1"}, "port"),
        ({"MECHKG_BODY_BYTES": "9" * 30}, {}, "MECHKG_BODY_BYTES"),
        ({"MECHKG_ACCESS_LOG": "perhaps"}, {}, "MECHKG_ACCESS_LOG"),
        ({"MECHKG_QUERY_SECONDS": "soon"}, {}, "MECHKG_QUERY_SECONDS"),
        ({"MECHKG_CALLBACK_HOSTS": "ars.example.org, http://x"}, {}, "MECHKG_CALLBACK_HOSTS"),
        ({}, {"allow_hosts": "a/b"}, "allow_hosts"),
    ],
)
def test_a_wrong_setting_is_named_by_where_it_came_from(environment, arguments, named):
    with pytest.raises(QueryError) as caught:
        Settings.gather(environment, **arguments)
    assert caught.value.parameter == named
    assert "Expected" not in str(caught.value)
    assert "`" not in str(caught.value)
