"""The command line: every `./yiping …` but test and check, and the one place that knows both etl and app."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from app import (
    commands_camera,
    commands_cube,
    commands_feed,
    commands_feed_play,
    commands_hotspots,
    commands_load,
    commands_locate,
    commands_runs,
)
from app.commands_feed_play import Players, Say
from app.loading import Loading
from app.making import DemoMaker, Progress
from app.serving import down, up
from geodata.errors import Refused
from geodata.store.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from etl.demo.geography import Geography
    from geodata.profile import Profile

Arguments = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused or failed with one sentence, 2 wrong usage."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asked = parser().parse_args(arguments)
    try:
        return int(asked.run(Settings(), asked) or 0)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"The disk or a file did not do as asked: {fault.strerror or fault}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="./yiping", description="Yiping 一屏: one screen for a city district.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _serving(commands)
    commands_load.add(commands, _counter)
    _users(commands)
    _feeds(commands)
    commands_camera.add(commands)
    commands_hotspots.add(commands)
    commands_cube.add(commands)
    commands_locate.add(commands)
    commands_runs.add(commands)
    commands.add_parser("bench", help="measure on the data of this home: load, tiles, heat, drill, map")
    commands.add_parser("test", help="run the tests (options go to pytest)")
    commands.add_parser("check", help="formatting, lint, types and the rules of the house")
    return top


def _serving(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    start = commands.add_parser("up", help="set up what is missing and serve until told to stop")
    start.add_argument("--host")
    start.add_argument("--port", type=int)
    start.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    start.set_defaults(run=run_up)
    stop = commands.add_parser("down", help="stop serving and stop the private database")
    stop.set_defaults(run=lambda settings, _: down(settings))
    upkeep = commands.add_parser(
        "worker", help="judges what is measured and keeps the store in order, beside the web"
    )
    upkeep.set_defaults(run=run_worker)
    job = commands.add_parser("job", help="do one task that the worker took; it starts these by itself")
    job.add_argument("number", type=int)
    job.add_argument("attempt", type=int)
    job.set_defaults(run=run_job)


def _users(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser("user", help="accounts")
    verbs = user.add_subparsers(metavar="VERB", required=True)
    for verb, words in (
        ("list", "every account"),
        ("add", "a new account"),
        ("reset", "a new password"),
        ("disable", "may not sign in any more"),
        ("token", "a bearer token for programs; prints it alone"),
    ):
        one = verbs.add_parser(verb, help=words)
        if verb != "list":
            one.add_argument("name")
        if verb == "add":
            one.add_argument(
                "--role", help="screen, commander, planner, operator, admin, or team with --team"
            )
            one.add_argument(
                "--team",
                action="append",
                default=[],
                help="code of a team whose tasks come to it; may be repeated",
            )
            one.add_argument("--area", help="code of the only area it may see")
        one.set_defaults(run=run_user, verb=verb)


def _feeds(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    feed = commands.add_parser("feed", help="what sends measurements, and playing them")
    verbs = feed.add_subparsers(metavar="VERB", required=True)
    commands_feed.add(verbs, run_feed_mqtt)
    commands_feed_play.add(verbs, Players(_simulation, _replay, _drill))


def _simulation(
    engine: Engine, profile: Profile, folder: Path, asked: Arguments
) -> Callable[[Say, Event], object]:
    from etl.feeds import simulate

    show = simulate.prepare(engine, profile, folder, simulate.Asked(
        url=asked.url, scenario=asked.scenario, minutes=asked.minutes, speed=asked.speed, quiet=asked.quiet
    ))  # fmt: skip
    return lambda say, stop: simulate.play(show, say=say, stop=stop)


def _replay(engine: Engine, _: Profile, folder: Path, asked: Arguments) -> Callable[[Say, Event], object]:
    from etl.feeds import replay

    recording = replay.prepare(engine, folder, replay.ReplayAsked(
        url=asked.url, file=asked.file, feed=asked.feed, sensor=asked.sensor, speed=asked.speed,
        time_column=asked.time_column, value_column=asked.value_column, quiet=asked.quiet,
    ))  # fmt: skip
    return lambda say, stop: replay.play(recording, say=say, stop=stop)


def _drill(engine: Engine, profile: Profile, asked: Arguments, say: Say, stop: Event) -> str:
    from etl.feeds.drill import DrillAsked, drill

    told = DrillAsked(asked.url, asked.name, speed=asked.speed, stay_min=asked.stay, quiet=asked.quiet)
    return drill(engine, profile, told, say=say, stop=stop)


def run_feed_mqtt(settings: Settings, _: Arguments) -> int:
    """Take readings from a broker until told to stop."""
    from app.lifeline import end_worker_with_server
    from app.setup import open_home
    from etl.feeds.mqtt import run

    end_worker_with_server()
    with open_home(settings) as (engine, profile):
        return run(engine, profile, settings.mqtt_url, settings.mqtt_mappings or settings.home / "mqtt")


def run_worker(settings: Settings, _: Arguments) -> int:
    """Judge what is measured and keep the store in order, until told to stop."""
    from app.lifeline import end_worker_with_server
    from app.worker import work

    end_worker_with_server()

    return work(settings)


def run_job(settings: Settings, asked: Arguments) -> int:
    """Do one task that the worker took."""
    from app.jobs import doing

    return doing.run(settings, asked.number, asked.attempt, loading=_loading_of_files)


def _loading_of_files() -> Loading:
    from etl import look
    from etl.outline import outline

    return Loading(look.look, look.load, look.take_back, look.template_of, outline)


def _counter() -> commands_load.Counter:
    from etl import counter

    return counter


def run_up(settings: Settings, asked: Arguments) -> int:
    """Serve, with the demo unless told otherwise."""
    maker = None if asked.no_demo else DemoMaker(_build_demo, _extend_demo, _draw_population, _ensure_live)
    return up(settings, asked.host, asked.port, demo=maker)


@cache
def _geography() -> Geography:
    from etl.demo.geography import build

    return build()


def _build_demo(engine: Engine, profile: Profile, seed: int, last: date, progress: Progress) -> None:
    from etl.demo.build import build

    build(engine, profile, seed=seed, last=last, progress=progress, geography=_geography())


def _extend_demo(engine: Engine, profile: Profile, last: date) -> None:
    from etl.demo.build import extend

    extend(engine, profile, last=last)


def _draw_population(folder: Path, seed: int) -> None:
    from etl.demo.population import build_population

    build_population(_geography(), folder, seed)


def _ensure_live(engine: Engine, profile: Profile) -> None:
    from etl.demo.live import ensure_live_rows

    ensure_live_rows(engine, profile)


def run_user(settings: Settings, asked: Arguments) -> int:
    """Do one thing with accounts."""
    from app.people import do
    from app.setup import open_home

    with open_home(settings) as (engine, _):
        print(do(engine, settings, asked.verb, asked))
    return 0


if __name__ == "__main__":
    sys.exit(main())
