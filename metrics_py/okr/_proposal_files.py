"""Proposals as people write them, YAML or CSV; what cannot be read is a finding with file and line."""

import csv
import io
from pathlib import Path
from typing import Any

from metrics_py.okr._proposal import (
    FIELDS,
    Located,
    Proposal,
    ProposedKeyResult,
    ProposedObjective,
    add_metric,
    fields_of,
    items_of,
    key_result_of,
    names_of,
    note_unknown,
    text_of,
)


def read_proposal(path: Path) -> Proposal:
    """Objectives, initiatives and metrics of one file; what cannot be read is a finding and not an exception."""
    proposal = Proposal(path.as_posix())
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        proposal.refuse(1, f"the file is not UTF-8 text ({error.reason} at byte {error.start})", "save it as UTF-8")
        return proposal
    if path.suffix.lower() == ".csv":
        _read_csv(text, proposal)
    else:
        _read_yaml(text, proposal)
    return proposal


def _read_yaml(text: str, proposal: Proposal) -> None:
    import yaml

    try:
        # An alias can hold itself, or double what there is with every line.
        alias = next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None)
        if alias is not None:
            line = alias.start_mark.line + 1 if alias.start_mark else 1
            proposal.refuse(line, f"*{alias.anchor} stands for another place", "write it out")
            return
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = _located(node, proposal) if node is not None else Located(None, 1)
    except RecursionError:
        proposal.refuse(1, "it nests too deeply to be a proposal", "write objectives, key_results and no more levels")
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is not YAML"
        proposal.refuse(
            mark.line + 1 if mark else 1, f"YAML cannot be read here: {problem}", "check indents and quotes"
        )
        return
    if not isinstance(content.value, dict):
        proposal.refuse(content.line, "a proposal is a mapping with objectives", "start with: objectives:")
        return
    top = fields_of(content, "proposal", proposal)
    for item in items_of(top, "metrics", proposal):
        add_metric(fields_of(item, "metric", proposal), item.line, proposal)
    for item in items_of(top, "initiatives", proposal):
        if isinstance(item.value, dict):
            named = fields_of(item, "initiative", proposal)
            name = named.get("initiative") or named.get("name")
            if name is None or not text_of(name.value):
                proposal.refuse(item.line, "an initiative has no name", "add: initiative: <its id>")
                continue
            proposal.initiatives.setdefault(text_of(name.value), item.line)
        else:
            proposal.initiatives.setdefault(text_of(item.value), item.line)
    objectives = items_of(top, "objectives", proposal) or ([content] if "objective" in top else [])
    if not objectives and "metrics" not in top:
        proposal.refuse(content.line, "there is no objective in it", "add a list under: objectives:")
    for item in objectives:
        held = fields_of(item, "proposal" if item is content else "objective", proposal)
        stated = held.get("objective")
        if stated is None or not text_of(stated.value):
            proposal.refuse(item.line, "an objective has no sentence", "add: objective: <one sentence>")
            continue
        key_results = [key_result_of(kr, proposal) for kr in items_of(held, "key_results", proposal)]
        proposal.objectives.append(
            ProposedObjective(text_of(stated.value), stated.line, tuple(found for found in key_results if found))
        )


def _read_csv(text: str, proposal: Proposal) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    objectives: dict[str, tuple[int, list[ProposedKeyResult]]] = {}
    header: list[str] = []
    known: set[str] = set()
    started = 1
    try:
        for cells in reader:
            line, started = started, reader.line_num + 1
            if not header:
                header = [cell.strip().lower() for cell in cells]
                kind = "key result" if "objective" in header else "metric"
                known = {*FIELDS[kind], *(["objective"] if kind == "key result" else [])}
                note_unknown([Located(name, line) for name in header], known, kind, proposal)
                if kind == "metric" and not {"metric", "metric_id"} & set(header):
                    proposal.refuse(line, "no column objective or metric", "name the columns in the first line")
                    return
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                proposal.refuse(
                    line, f"{len(cells)} cells under {len(header)} columns", "quote cells that hold a comma"
                )
                continue
            row = {
                name: Located(cell.strip(), line)
                for name, cell in zip(header, cells, strict=True)
                if cell.strip() and name in known
            }
            if "objective" not in header:
                add_metric(row, line, proposal)
                continue
            if "objective" not in row:
                if "key_result" in row:
                    proposal.refuse(line, "the key result has no objective", "repeat the objective in each of its rows")
                else:
                    proposal.initiatives |= dict.fromkeys(names_of(row.get("initiatives")), line)
                continue
            held = objectives.setdefault(row.pop("objective").value, (line, []))
            if "key_result" in row and (found := key_result_of(Located(row, line), proposal)):
                held[1].append(found)
    except csv.Error as error:
        proposal.refuse(reader.line_num or 1, f"CSV cannot be read here: {error}", "check the quotes")
    if not header:
        proposal.refuse(1, "the file is empty", "name the columns in the first line")
    proposal.objectives.extend(
        ProposedObjective(text, line, tuple(key_results)) for text, (line, key_results) in objectives.items()
    )


def _located(node: Any, proposal: Proposal) -> Located:
    import yaml

    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, proposal) for item in node.value], line)
    if isinstance(node, yaml.MappingNode):
        held: dict[str, Located] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in held:
                proposal.refuse(key.start_mark.line + 1, f"{name} is given twice", "keep one")
            # The line of the key, since a value can start below it.
            held[name] = Located(_located(value, proposal).value, key.start_mark.line + 1)
        return Located(held, line)
    return Located(yaml.SafeLoader("").construct_object(node, deep=True), line)
