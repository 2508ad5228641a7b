from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from mediatui.demo.apps.app import App
from mediatui.demo.apps.setting import Habits
from mediatui.demo.apps.wire import Wire, serve
from tests.demo.apps.asking import Client, app_of, clock_of, key_headers, restarted, running, setting
from tests.support.waiting import until

MEGABYTES = b"0123456789abcdef" * (5 * 65_536)
REQUEST = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"


def tasks() -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}


async def test_fifty_requests_at_once_are_answered_and_nothing_is_left_of_them() -> None:
    before = tasks()
    async with running("sonarr") as client:
        answers = await asyncio.gather(*(client.get("/api/v3/system/status") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["appName"] for answer in answers} == {"Sonarr"}
    await until(lambda: tasks() <= before, "every task of the wires has ended")


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with running("sonarr") as client:
        for _ in range(5):
            await client.json("/api/v3/system/status")
        assert client.wires.wires.opened == 1


async def test_five_megabytes_come_as_they_are() -> None:
    where = setting("jellyfin")
    where.files["log/long.log"] = MEGABYTES
    async with restarted("jellyfin", where) as client:
        answer = await client.get("/System/Logs/Log", params={"name": "long.log"})
        assert answer.content == MEGABYTES


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def ignore(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def test_five_megabytes_go_as_they_are() -> None:
    async with running("sonarr") as client:
        app = App(app_of(client).running, 80, "", echo, lambda: None)
        async with Client(app) as other:
            assert (await other.post("/", content=MEGABYTES)).content == MEGABYTES
        await app.close()


async def wire_to(handler: object) -> tuple[web.AppRunner, Wire]:
    application = web.Application(client_max_size=1 << 30)
    application.router.add_route("*", "/{path:.*}", handler)  # type: ignore[arg-type]
    runner = await serve(application)
    assert runner.server is not None
    return runner, Wire(runner.server, 80)


async def test_an_app_that_does_not_read_makes_the_writer_wait() -> None:
    runner, wire = await wire_to(ignore)
    await wire.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
    writing = asyncio.ensure_future(wire.write(bytes(100_000_000)))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()
    await wire.close()
    await asyncio.wait_for(writing, 10)
    await runner.cleanup()


async def test_a_reader_that_does_not_read_makes_the_app_wait() -> None:
    written = 0

    async def talk(request: web.Request) -> web.StreamResponse:
        nonlocal written
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(1000):
            await answer.write(bytes(16_384))
            written += 1
        return answer

    runner, wire = await wire_to(talk)
    await wire.write(b"GET / HTTP/1.0\r\n\r\n")
    await until(lambda: written > 1, "the app has begun")
    for _ in range(100):
        await asyncio.sleep(0)
    assert written < 20
    size = 0
    while data := await wire.read(100_000):
        size += len(data)
    assert size > 1000 * 16_384
    await wire.close()
    await runner.cleanup()


async def test_closing_a_wire_ends_what_the_app_was_doing_for_it() -> None:
    async with running("sonarr", Habits(slow_folders=60)) as client:
        before, app = tasks(), app_of(client)
        wire = await app.connect()
        key = key_headers("sonarr", app.key)["X-Api-Key"].encode()
        await wire.write(b"GET /api/v3/rootfolder HTTP/1.1\r\nHost: a\r\nX-Api-Key: " + key + b"\r\n\r\n")
        await until(lambda: tasks() > before, "the app works on it")
        await wire.close()
        await until(lambda: tasks() <= before, "nothing goes on")
        assert await wire.read(1) == b""


async def test_an_app_that_is_closed_ends_its_wires() -> None:
    async with running("sonarr") as client:
        app = app_of(client)
        wire = await app.connect()
        await wire.write(REQUEST)
        assert (await wire.read(1000)).startswith(b"HTTP/1.1 200 OK")
        await app.close()
        assert await wire.read(1000) == b""
        await wire.write(REQUEST)
        await wire.close()


async def test_who_says_that_it_wants_no_more_gets_an_end() -> None:
    async with running("sonarr") as client:
        wire = await app_of(client).connect()
        await wire.write(b"GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        data = b""
        while part := await wire.read(7):
            data += part
        assert data.endswith(b'{"status": "OK"}')
        await wire.close()


async def test_requests_sent_in_one_piece_are_answered_in_their_order() -> None:
    async with running("sonarr") as client:
        wire = await app_of(client).connect()
        await wire.write(REQUEST * 20)
        data = b""
        while data.count(b"HTTP/1.1 200 OK") < 20:
            data += await wire.read(4096)
        await wire.close()


async def test_nothing_listens_while_bazarr_starts() -> None:
    async with running("bazarr", Habits(starting_for=30)) as client:
        app = app_of(client)
        with pytest.raises(ConnectionRefusedError):
            await app.connect()
        await clock_of(app).turn(31)
        wire = await app.connect()
        await wire.close()


async def test_habits_can_be_changed_while_it_runs() -> None:
    async with running("sonarr") as client:
        assert (await client.get("/ping")).status_code == 200
        app = app_of(client)
        app.running.habits = replace(app.running.habits, broken_database=True)
        answer = await client.get("/ping")
        assert (answer.status_code, answer.json()) == (500, {"status": "Error"})
