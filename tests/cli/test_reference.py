"""The reference pages are what the program says of itself."""

from typer.testing import CliRunner

from l2c.cli import main
from tests.cli import reference


def test_the_page_of_commands_is_what_help_prints() -> None:
    page = (reference.FOLDER / "cli.md").read_text()
    assert page == reference.cli_page(), f"write it anew: {reference.COMMAND}"


def test_the_page_of_settings_has_every_setting() -> None:
    page = (reference.FOLDER / "settings.md").read_text()
    assert page == reference.settings_page(), f"write it anew: {reference.COMMAND}"


def test_every_command_can_print_json_and_take_a_data_directory() -> None:
    for section in reference.cli_page().split("## `")[2:]:
        if "COMMAND [ARGS]" not in section:
            assert "--json" in section
            assert "--data-dir" in section


def test_a_group_without_a_command_shows_its_commands() -> None:
    groups = [name for name in main.app.registered_groups if name.typer_instance is not None]
    assert len(groups) >= 8
    for group in groups:
        printed = CliRunner().invoke(main.app, [str(group.name)]).output
        assert "Commands:" in printed, group.name
