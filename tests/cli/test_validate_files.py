"""`mechkg validate` of files: folders, headers that are files of their own, and RDF with losses."""

from pathlib import Path

from click.testing import CliRunner

from mechkg.api.cli import mechkg

LOSSY = "<https://a.org/x> <https://a.org/p> <https://a.org/y> ; <https://a.org/q> 5 .\n"


def validate(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(mechkg, ["validate", *map(str, arguments)])
    return result.exit_code, result.output + str(result.exception or "")


def test_a_folder_with_headers_apart_is_readable(tmp_path: Path) -> None:
    (tmp_path / "Gene-header.csv").write_text(":ID,name,:LABEL\n")
    (tmp_path / "Gene-part000.csv").write_text("A:1,a,Gene\n")
    (tmp_path / "a.ttl").write_text("<https://a.org/x> <https://a.org/p> <https://a.org/y> .\n")
    for paths in ([tmp_path], sorted(tmp_path.glob("*.csv"))):
        code, said = validate(*paths)
        assert code == 0, said
        assert "Readable. Nothing was refused." in said


def test_strict_refuses_rdf_with_losses(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(LOSSY)
    code, said = validate("--strict", tmp_path / "a.ttl")
    assert code != 0
    assert "1 of 2 records (triple) were passed over" in said
