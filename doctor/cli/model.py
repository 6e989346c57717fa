"""`tunedoc model`: list, inspect and fetch base models."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.model_folder import ModelFacts

DESCRIPTION = text("cli.verb_model")
EXAMPLE = text("model.example")
_ACTIONS = ("list", "info", "get")


def configure(parser: VerbParser) -> None:
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("model.help_action")))
    parser.add_argument("name", nargs="?", metavar="NAME|FOLDER", help=parser.say(text("model.help_name")))
    parser.add_argument("--revision", metavar="REV", help=parser.say(text("model.help_revision")))
    parser.add_argument("--mirror", metavar="WISH", default="", help=parser.say(text("model.help_mirror")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    if arguments.action == "list":
        return _list(face)
    if not arguments.name:
        from doctor.errors import UsageError

        raise UsageError(text("model.name_needed", action=arguments.action), hint=text("model.name_needed_hint"))
    if arguments.action == "info":
        return _info(arguments.name, face)
    return _get(arguments.name, arguments.revision, arguments.mirror, face)


def _list(face: Face) -> Answer:
    from rich.table import Table

    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.models import installed_models

    catalogue = load_catalogue(catalogue_file(face.host.environ))
    here = {model.id: model for model in installed_models(face.home)}
    words = face.screen.words
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(words(text("model.column_name")), overflow="fold")
    table.add_column(words(text("model.column_parameters")), justify="right", no_wrap=True)
    table.add_column(words(text("model.column_licence")), no_wrap=True)
    table.add_column(words(text("model.column_size")), justify="right", no_wrap=True)
    table.add_column(words(text("model.column_state")), overflow="fold")
    unsaid = words(text("model.unknown_value"))
    rows: list[dict[str, Any]] = []
    for model in here.values():
        licence = model.record["licence"]
        table.add_row(
            model.id, _count(model.facts.parameters), licence or unsaid, _megabytes(model.facts.weight_bytes),
            words(text("model.state_here")),
        )  # fmt: skip
        rows.append(
            {
                "id": model.id,
                "here": True,
                "folder": str(model.folder),
                "parameters": model.facts.parameters,
                "licence": licence,
                "source": model.record["source"],
                "bytes": model.record["bytes"],
            }
        )
    for embedded in catalogue.models:
        if embedded.id in here:
            continue
        table.add_row(
            embedded.id, _count(embedded.parameters), embedded.licence, _megabytes(embedded.bytes),
            words(text("model.state_get", id=embedded.id)),
        )  # fmt: skip
        rows.append(
            {
                "id": embedded.id,
                "here": False,
                "folder": None,
                "parameters": embedded.parameters,
                "licence": embedded.licence,
                "source": embedded.source,
                "bytes": embedded.bytes,
            }
        )
    face.screen.show(table)
    return Answer(data={"models": rows})


def _info(name: str, face: Face) -> Answer:
    from doctor.model_folder import check_model_folder
    from doctor.models import find_model_folder, installed_model

    folder = find_model_folder(face.home, name)
    facts = check_model_folder(folder)
    model = installed_model(face.home, folder.name) if folder.parent == face.home.models else None
    source = None if model is None else str(model.record["source"])
    licence = facts.licence if model is None else model.record["licence"]
    _show_facts(facts, source, licence, face)
    data = asdict(facts) | {"folder": str(facts.folder), "source": source, "licence": licence}
    return Answer(data=data | {"weights": list(facts.weights)})


def _get(name: str, revision: str | None, mirror: str, face: Face) -> Answer:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.environment import require_environment
    from doctor.models import fetch_embedded, fetch_from_hub, find_embedded, installed_model

    catalogue = load_catalogue(catalogue_file(face.host.environ))
    embedded = find_embedded(catalogue, name)
    if embedded is not None:
        model = installed_model(face.home, embedded.id) or fetch_embedded(
            face.host, face.home, require_environment(face.home), embedded, report=face.screen.note
        )
    else:
        if mirror:
            from doctor.mirrors.survey import hub_variables

            # Before the hub's client is loaded, which reads its address once.
            face.host.take(
                hub_variables(face.host, face.home, catalogue, mirror, repo=name, revision=revision or "main")
            )
        model = fetch_from_hub(face.host, face.home, name, revision=revision, report=face.screen.note)
    folder = str(model.folder)
    if model.reused:
        face.screen.show(text("model.here", id=model.id, folder=folder))
    else:
        face.screen.show(text("model.fetched", id=model.id, seconds=f"{model.seconds:.0f}", folder=folder))
    face.screen.note(text("model.next", folder=folder))
    return Answer(
        data={
            "id": model.id,
            "folder": folder,
            "reused": model.reused,
            "seconds": round(model.seconds, 1),
            "parameters": model.facts.parameters,
            "source": model.record["source"],
            "licence": model.record["licence"],
            "bytes": model.record["bytes"],
        }
    )


def _show_facts(facts: ModelFacts, source: str | None, licence: str | None, face: Face) -> None:
    from rich.table import Table

    words = face.screen.words
    unsaid = words(text("model.unknown_value"))

    def tokens(count: int | None) -> str:
        return unsaid if count is None else words(text("model.tokens", count=count))

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in (
        (text("model.fact_folder"), str(facts.folder)),
        (text("model.fact_architecture"), facts.architecture or unsaid),
        (text("model.fact_parameters"), f"{facts.parameters:,}"),
        (text("model.fact_dtype"), facts.dtype),
        (text("model.fact_weight_bytes"), _megabytes(facts.weight_bytes)),
        (text("model.fact_context_tokens"), tokens(facts.context_tokens)),
        (text("model.fact_vocabulary"), tokens(facts.vocabulary)),
        (text("model.fact_tokenizer"), facts.tokenizer),
        (
            text("model.fact_has_chat_template"),
            words(text("model.yes") if facts.has_chat_template else text("model.no")),
        ),
        (text("model.fact_quantised"), facts.quantised or words(text("model.no"))),
        (text("model.fact_licence"), licence or unsaid),
        (text("model.fact_source"), source or unsaid),
    ):
        table.add_row(words(label), value)
    face.screen.show(table)


def _count(parameters: int) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if parameters >= size:
            return f"{parameters / size:.3g} {letter}"
    return str(parameters)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB"
