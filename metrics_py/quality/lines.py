"""YAML whose mappings remember their lines, so that a mistake in it can be pointed at."""

from pathlib import Path
from typing import Any

from metrics_py.errors import ConfigurationError


class Lines(dict[str, Any]):
    """A YAML mapping with the line it starts in and the line of each key."""

    line: int
    lines: dict[str, int]

    def at(self, key: str) -> int:
        """The line of a key; of the mapping where it has no such key."""
        return self.lines.get(key, self.line)


def read_lines(path: Path) -> Any:
    """Content of a YAML file, every mapping a `Lines`.

    Raises: ConfigurationError when the file is missing, is not YAML, or gives a key twice; it names file and line.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Lines:
        loader.flatten_mapping(node)
        held = Lines()
        held.line = node.start_mark.line + 1
        held.lines = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            line = key_node.start_mark.line + 1
            if key in held:
                raise ConfigurationError(f"{path}:{line}: {key} is given twice; keep one")
            held[key] = loader.construct_object(value_node, deep=True)
            held.lines[key] = line
        return held

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    except FileNotFoundError:
        raise ConfigurationError(f"no suites at {path}; name the file with --suites") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text ({error.reason}); save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is not YAML"
        line = mark.line + 1 if mark else 1
        raise ConfigurationError(
            f"{path}:{line}: YAML cannot be read here: {problem}; check indents and quotes"
        ) from None
