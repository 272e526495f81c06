"""The template folders: each file of the operator's folder replaces the shipped one."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

from digest.errors import TemplateError

#: Errors that a template's expression can raise in addition to Jinja's own.
EXPRESSION_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class FolderLoader(jinja2.FileSystemLoader):
    """Loads each template from the first folder that has it."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Set the folders.

        Args:
            folders: the folders to search, in this order; the shipped folder is the last.
        """
        self.folders = tuple(folder.resolve() for folder in folders)
        super().__init__(self.folders)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template.

        Raises:
            TemplateError: the file is not UTF-8 text, or is a link out of the operator's folder.
        """
        try:
            source, path, is_fresh = super().get_source(environment, template)
        except jinja2.TemplateNotFound:
            raise
        except (OSError, UnicodeDecodeError) as error:
            reason = "cannot be read as UTF-8 text; check its encoding and permissions"
            raise TemplateError(template, 0, reason) from error
        self._refuse_link(template, Path(path))
        return source, path, is_fresh

    def _refuse_link(self, name: str, path: Path) -> None:
        # Packagers may link the shipped files; a link in the operator's folder could expose any
        # file of this machine.
        for folder in self.folders[:-1]:
            if path.is_relative_to(folder) and not path.resolve().is_relative_to(folder):
                raise TemplateError(
                    name, 0, "is a link to a file outside the template folder; copy the file there"
                )

    def compile_own(self, environment: jinja2.Environment, kind: str) -> None:
        """Compile all templates of the operator, so that errors appear before they are used.

        Args:
            environment: the engine that will use the templates.
            kind: the subfolder, `email` or `web`.

        Raises:
            TemplateError: a template cannot be compiled, or a file or folder is a link out of the
                operator's folder; names it, the line and the reason.
        """
        for folder in self.folders[:-1]:
            # A linked folder too: the search for templates does not go into it, rendering does.
            for path in sorted((folder / kind).rglob("*")):
                self._refuse_link(path.relative_to(folder).as_posix(), path)
            for path in sorted((folder / kind).rglob("*.j2")):
                name = path.relative_to(folder).as_posix()
                try:
                    environment.get_template(name)
                except jinja2.TemplateError as error:
                    raise self.explain(error, name) from error

    def parse_own(
        self, environment: jinja2.Environment, kind: str
    ) -> Iterator[tuple[str, nodes.Template]]:
        """Yield the name and the syntax tree of each template of the operator.

        Args:
            environment: the engine that will use the templates.
            kind: the subfolder, `email` or `web`.
        """
        for folder in self.folders[:-1]:
            for path in sorted((folder / kind).rglob("*.j2")):
                name = path.relative_to(folder).as_posix()
                yield name, environment.parse(self.get_source(environment, name)[0], name)

    def explain(self, error: Exception, name: str) -> TemplateError:
        """Return a `TemplateError` that names the template and the line of an error.

        Args:
            error: the error from Jinja or from an expression.
            name: the name of the requested template.
        """
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, jinja2.TemplateSyntaxError):
            return TemplateError(error.name or name, error.lineno, reason)
        if isinstance(error, jinja2.TemplateNotFound):
            return TemplateError(str(error.name), 0, "does not exist; check its name")
        template, line = self._find_line(error, name)
        return TemplateError(template, line, reason)

    def _find_line(self, error: Exception, name: str) -> tuple[str, int]:
        """Find the innermost template in the traceback; Jinja rewrites it to show templates."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            for folder in self.folders:
                if path.is_relative_to(folder):
                    return path.relative_to(folder).as_posix(), frame.lineno or 0
        return name, 0
