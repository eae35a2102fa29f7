"""Where settings and the key come from: flags, then the environment, then the file below ~/.config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from face_audit_tools import InputError, settings
from face_audit_tools.command import cli
from face_audit_tools.generated import KEY, GeneratedEmulator, Session
from face_audit_tools.settings import read_key, read_settings, settings_path

SESSION = Session(session_id="s", count=5, number=0, seed=1)
NAMES = ("APIKEY", "REGION", "ENDPOINT", "AUDIT_KEY_FILE", "AUDIT_TOP", "AUDIT_TIER", "AUDIT_RATE", "AUDIT_CONCURRENCY")


@pytest.fixture
def emulator() -> GeneratedEmulator:
    """One session."""
    return GeneratedEmulator([SESSION])


@pytest.fixture
def url(emulator: GeneratedEmulator) -> Iterator[str]:
    """Where it listens."""
    with emulator.serve() as listening:
        yield listening


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an environment without settings."""
    for name in NAMES:
        monkeypatch.delenv(f"FACE_{name}", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(home: Path, text: str) -> Path:
    """Write the file of settings."""
    path = home / ".config" / "face-audit" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def listed(*arguments: str, **told: Any) -> Any:
    """The result of `face-audit list`."""
    return CliRunner().invoke(cli, ["list", "s", *arguments], **told)


def test_file_fills_what_is_not_given(home: Path, url: str, emulator: GeneratedEmulator) -> None:
    """Endpoint, the file of the key, and the size of pages."""
    (home / "key").write_text(f"{KEY}\n", encoding="utf-8")
    configure(home, f'endpoint = "{url}"\nkey_file = "{home}/key"\ntop = 2\n')

    assert listed().exit_code == 0
    assert "top=2" in emulator.requests[0].url


def test_environment_goes_before_the_file_and_flags_before_both(
    home: Path, url: str, emulator: GeneratedEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each setting by itself."""
    configure(home, f'endpoint = "{url}"\ntop = 2\n')
    monkeypatch.setenv("FACE_APIKEY", KEY)
    monkeypatch.setenv("FACE_AUDIT_TOP", "3")

    listed()
    listed("--top", "4")

    assert "top=3" in emulator.requests[0].url
    assert "top=4" in emulator.requests[3].url


@pytest.mark.parametrize(
    ("flags", "environment", "file"),
    [
        (["--endpoint", "URL"], {"FACE_REGION": "norwayeast"}, ""),
        (["--endpoint", "URL"], {}, 'region = "norwayeast"'),
        ([], {"FACE_ENDPOINT": "URL"}, 'region = "norwayeast"'),
        (["--endpoint", "URL"], {"FACE_ENDPOINT": "https://other.example.com"}, 'endpoint = "https://x.example.com"'),
    ],
)
def test_endpoint_of_a_stronger_place_rules_out_a_region(
    home: Path, url: str, flags: list[str], environment: dict[str, str], file: str
) -> None:
    """A region in the environment does not prevent an endpoint on the command line."""
    configure(home, file)
    told = {name: value.replace("URL", url) for name, value in environment.items()}

    result = listed(*(one.replace("URL", url) for one in flags), env=told | {"FACE_APIKEY": KEY})

    assert result.exit_code == 0, result.output


def test_region_and_endpoint_of_the_same_place_are_refused(url: str) -> None:
    """Which is meant is not guessed."""
    result = listed("--region", "norwayeast", "--endpoint", url)

    assert (result.exit_code, result.stderr) == (
        2,
        "Error: region and endpoint: come from the same source; leave one out\n",
    )


def test_neither_region_nor_endpoint_is_refused() -> None:
    """The error names every way to give one."""
    result = listed()

    assert result.exit_code == 2
    assert "give --region or --endpoint, or set FACE_REGION or FACE_ENDPOINT" in result.stderr


def test_region_is_one_of_those_that_there_are() -> None:
    """The error names them."""
    result = listed("--region", "nowhere")

    assert result.exit_code == 2
    assert "norwayeast" in result.stderr


def test_key_of_a_flag_goes_before_the_environment_and_that_before_the_file(home: Path, url: str) -> None:
    """The flag names a file: a key on the command line would be seen by everybody on the machine."""
    (home / "good").write_text(KEY, encoding="utf-8")
    (home / "bad").write_text("wrong", encoding="utf-8")
    base = {"FACE_ENDPOINT": url}

    assert listed("--key-file", "good", env=base | {"FACE_APIKEY": "wrong"}).exit_code == 0
    configure(home, f'key_file = "{home}/bad"')
    assert listed(env=base | {"FACE_APIKEY": KEY}).exit_code == 0
    assert listed(env=base | {"FACE_AUDIT_KEY_FILE": "good"}).exit_code == 0
    assert listed(env=base).exit_code == 2


def test_key_is_no_argument(url: str) -> None:
    """There is no such option, and what was written there is not repeated."""
    result = listed("--endpoint", url, "--key", "secret-1234567")

    assert result.exit_code == 2
    assert "secret-1234567" not in result.output


def test_missing_key_says_where_it_may_stand(url: str) -> None:
    """Where nobody sits to be asked."""
    result = listed("--endpoint", url)

    assert result.exit_code == 2
    assert "key: is missing; set FACE_APIKEY, or give a file with it as --key-file" in result.stderr


def test_key_is_asked_for_where_somebody_sits(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not shown."""
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)

    result = listed("--endpoint", url, input=f"{KEY}\n")

    assert result.exit_code == 0
    assert "Key of the Face resource" in result.stderr
    assert KEY not in result.output


@pytest.mark.parametrize("content", [b"", b"  \n", b"two words", b"\xff\xfe", b"line\nsecond"])
def test_file_without_a_key_is_refused_and_not_repeated(home: Path, content: bytes) -> None:
    """What a wrong file holds may be secret, too."""
    (home / "key").write_bytes(content)

    with pytest.raises(InputError) as caught:
        read_key(home / "key")

    assert str(caught.value) == f"{home}/key: holds no key; write the key into it and nothing else"


def test_file_of_the_key_that_is_missing_is_named(home: Path) -> None:
    """With what to do."""
    with pytest.raises(InputError, match="cannot be read"):
        read_key(home / "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('key = "secret-1234567"', "holds a key; keep that in a file of its own"),
        ('key = "secret-1234567', "is not TOML in UTF-8"),
        ("colour = 1", "does not know 'colour'; it may hold auth, concurrency, endpoint"),
        ("tier = []", "tier is neither a text nor a number"),
        ("tier = true", "tier is neither a text nor a number"),
    ],
)
def test_file_that_holds_something_else_is_refused(home: Path, text: str, message: str) -> None:
    """A misspelled setting would be no setting; and a key is never repeated."""
    configure(home, text)

    result = listed()

    assert result.exit_code == 2
    assert message in result.stderr
    assert "secret-1234567" not in result.output


def test_value_of_the_file_is_checked_as_a_flag_is(home: Path, url: str) -> None:
    """The error names the file and the setting."""
    path = configure(home, f'endpoint = "{url}"\ntop = 5000\n')

    result = listed(env={"FACE_APIKEY": KEY})

    assert result.exit_code == 2
    assert f"top in {path}: 5000 is not in the range 1<=x<=1000" in result.stderr


@pytest.mark.parametrize(
    ("flags", "environment", "file", "source"),
    [
        (["--region", "norwayest"], {"FACE_REGION": "x"}, 'region = "x"', "--region"),
        ([], {"FACE_REGION": "norwayest"}, 'region = "x"', "FACE_REGION"),
        ([], {}, 'region = "norwayest"', "region in {path}"),
    ],
)
def test_wrong_value_is_told_with_the_place_it_comes_from(
    home: Path, flags: list[str], environment: dict[str, str], file: str, source: str
) -> None:
    """A flag, a variable, or the file; nobody has to look for it in the others."""
    path = configure(home, file)

    result = listed(*flags, env=environment)

    assert result.exit_code == 2
    assert f"Error: Invalid value for {source.format(path=path)}: 'norwayest' is not one of" in result.stderr


@pytest.mark.parametrize(
    ("flags", "environment", "file", "source"),
    [
        (["--endpoint", "https://me:secret-1234567@host"], {}, "", "--endpoint"),
        ([], {"FACE_ENDPOINT": "secret-1234567@host"}, "", "FACE_ENDPOINT"),
        ([], {}, 'endpoint = "https://secret-1234567@host"', "endpoint in {path}"),
        ([], {"FACE_ENDPOINT": "norwayeast"}, 'endpoint = "https://host"', "FACE_ENDPOINT"),
        (["--endpoint", "https://host?key=secret-1234567"], {}, "", "--endpoint"),
    ],
)
def test_endpoint_that_is_more_than_a_host_is_refused_and_not_repeated(
    home: Path, flags: list[str], environment: dict[str, str], file: str, source: str
) -> None:
    """Its place is named: a password in it would end up in logs."""
    path = configure(home, file)

    result = listed(*flags, env=environment | {"FACE_APIKEY": KEY})

    where = source.format(path=path)
    assert (result.exit_code, result.stderr) == (
        2,
        f"Error: {where}: is more than scheme and host; write it as https://host\n",
    )


def test_file_that_is_broken_stops_only_what_needs_it(home: Path) -> None:
    """Evidence is verified whatever is in the settings of an export."""
    configure(home, "region = ")

    assert listed().exit_code == 2
    assert CliRunner().invoke(cli, ["regions"]).exit_code == 0
    assert "holds no export" in CliRunner().invoke(cli, ["verify", "."]).stderr


@pytest.mark.parametrize("written", ["key", "~/.config/face-audit/key"])
def test_file_of_the_key_is_looked_for_beside_the_settings(home: Path, url: str, written: str) -> None:
    """Wherever the command runs; `~` is the home."""
    path = configure(home, f'endpoint = "{url}"\nkey_file = "{written}"\n')
    path.with_name("key").write_text(KEY, encoding="utf-8")

    assert listed().exit_code == 0


def test_file_of_the_key_may_begin_with_a_byte_order_mark(home: Path) -> None:
    """Editors of Windows write one."""
    (home / "key").write_text(f"\ufeff{KEY}\r\n", encoding="utf-8")

    assert read_key(home / "key") == KEY


@pytest.mark.parametrize(("mode", "is_said"), [(0o604, True), (0o600, False)])
def test_key_that_everybody_can_read_is_said(home: Path, url: str, mode: int, is_said: bool) -> None:
    """With the command that fixes it; the key works anyway."""
    path = home / "my key"
    path.write_text(KEY, encoding="utf-8")
    path.chmod(mode)

    result = listed("--endpoint", url, "--key-file", "my key")

    assert result.exit_code == 0
    assert ("my key: every user of this machine can read the key; run: chmod 600 'my key'" in result.stderr) is is_said


def test_another_file_can_be_named(home: Path, url: str) -> None:
    """And must be there then."""
    (home / "other.toml").write_text(f'endpoint = "{url}"\n', encoding="utf-8")

    found = CliRunner().invoke(cli, ["--config", "other.toml", "list", "s"], env={"FACE_APIKEY": KEY})
    missing = CliRunner().invoke(cli, ["--config", "none.toml", "list", "s"])

    assert found.exit_code == 0
    assert "none.toml: does not exist" in missing.stderr


def test_file_stands_below_the_folder_of_settings(home: Path) -> None:
    """XDG_CONFIG_HOME, and ~/.config without it."""
    assert settings_path({}) == home / ".config" / "face-audit" / "config.toml"
    assert settings_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/face-audit/config.toml")


def test_file_that_cannot_be_read_is_named(home: Path) -> None:
    """A folder in its place, for one."""
    (home / "config.toml").mkdir()

    with pytest.raises(InputError, match="cannot be read"):
        read_settings(home / "config.toml")


def test_every_option_of_the_file_is_an_option_of_a_command() -> None:
    """The names are those of the flags."""
    help_texts = "".join(CliRunner().invoke(cli, [name, "--help"]).stdout for name in ("list", "export"))
    assert all(f"--{name.replace('_', '-')}" in help_texts for name in settings.NAMES)
