"""The reference pages are what the program says of itself."""

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
