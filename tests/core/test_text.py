from __future__ import annotations

import pytest

from mediatui.text import age, cores, duration, nanoseconds, printable, quantity, redacted, size


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain text", "plain text"),
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("title\x1b]0;OWNED\x07 end", "title end"),
        ("clip\x1b]52;c;aGk=\x1b\\ end", "clip end"),
        ("unterminated \x1b]0;rest of the line", "unterminated "),
        ("dcs \x1bPq#0\x1b\\x", "dcs x"),
        ("c1 \x9b31mred", "c1 red"),
        ("c1 osc \x9d0;T\x9cend", "c1 osc end"),
        ("bell \x07 null \x00", "bell · null ·"),
        ("bidi \u202eevil\u2066", "bidi ·evil·"),
        ("lines\u2028and\x85nel", "lines·and·nel"),
        ("tab\there", "tab here"),
        ("lone \udc80 surrogate", "lone · surrogate"),
        ("[/foo] [@click=app.quit]x[/]", "[/foo] [@click=app.quit]x[/]"),
        ("größe 日本語 🎬", "größe 日本語 🎬"),
    ],
)
def test_hostile_text_is_shown_and_not_obeyed(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


def test_nothing_that_a_terminal_obeys_survives_any_mix_of_control_characters() -> None:
    pieces = ["\x1b", "]", "[", "0;", "x", "\x07", "\x9b", "P", "\\", "\x9c", "\n", "m"]
    for a in pieces:
        for b in pieces:
            for c in pieces:
                assert not set(printable(a + b + c + "z")) & set("\x1b\x07\x9b\x9c\n")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (200, "3m20s"),
        (3600, "60m"),
        (7 * 3600, "7h"),
        (47 * 3600, "47h"),
        (9 * 86400, "9d"),
        (-5, "0s"),
    ],
)
def test_ages_are_kubectls(seconds: float, shown: str) -> None:
    assert age(seconds) == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", 0.5),
        ("2", 2.0),
        ("2Gi", 2 * 2.0**30),
        ("1e3", 1000.0),
        ("128974848", 128974848.0),
        ("100k", 1e5),
        ("1.5Ti", 1.5 * 2**40),
    ],
)
def test_quantities_are_read_as_kubernetes_writes_them(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "lots", "1Gb", "--1", "1.2.3"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert quantity(text) is None


def test_amounts_are_written_short() -> None:
    assert [cores(0.25), cores(2.0), cores(None)] == ["250m", "2", "-"]
    assert [size(512 * 2**20), size(1.5 * 2**30), size(0), size(None)] == ["512Mi", "1.5Gi", "0", "-"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30.0), ("5s", 5.0), ("1h30m", 5400.0), ("100ms", 0.1), ("0", 0.0)]
)
def test_durations_are_kubectls(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "s", "1x"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert duration(text) is None


def test_stamps_of_any_zone_and_precision_compare() -> None:
    utc = nanoseconds("2026-11-23T06:22:19.123456789Z said")
    east = nanoseconds("2026-11-23T07:22:19.123456789+01:00 said")
    assert utc == east
    assert nanoseconds("2026-11-23T06:22:19.1Z") == nanoseconds("2026-11-23T06:22:19.100000000Z")
    assert nanoseconds("no stamp") is None
    assert nanoseconds("2026-13-99T06:22:19Z") is None


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("GET /api?t=tv&apikey=0123456789abcdef&q=x", "GET /api?t=tv&apikey=***&q=x"),
        ("url http://jf/Items?ApiKey=0123456789abcdef", "url http://jf/Items?ApiKey=***"),
        ("X-Api-Key: 0123456789abcdef", "X-Api-Key: ***"),
        ('{"api_key":"0123456789abcdef","b":1}', '{"api_key":"***","b":1}'),
        ('Authorization: MediaBrowser Token="0123456789abcdef"', 'Authorization: MediaBrowser Token="***"'),
        ("http://tracker/announce?passkey=0123456789abcdef", "http://tracker/announce?passkey=***"),
        ("X-Plex-Token=0123456789abcdef", "X-Plex-Token=***"),
        ("postgres://sonarr:hunter2@db:5432/main", "postgres://sonarr:***@db:5432/main"),
        ("mail to a@b.c; see https://x.org:443/@home", "mail to a@b.c; see https://x.org:443/@home"),
        ("login with password: hunter22 failed", "login with password: *** failed"),
        ("CancellationToken: requested by the user", "CancellationToken: requested by the user"),
        ("the key to success: patience", "the key to success: patience"),
    ],
)
def test_keys_in_urls_headers_and_json_are_masked(line: str, shown: str) -> None:
    assert redacted(line) == shown
