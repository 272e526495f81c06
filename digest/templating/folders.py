"""Where templates lie: the operator's folder, file by file, before the shipped one."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import jinja2

from digest.errors import TemplateError

#: What an expression in a template can raise beside Jinja's own errors.
EXPRESSION_ERRORS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


class FolderLoader(jinja2.FileSystemLoader):
    """Gives each template from the first folder that has it."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        """Take the folders.

        Args:
            folders: where to look, in this order; the shipped folder is the last.
        """
        self.folders = tuple(folder.resolve() for folder in folders)
        super().__init__(self.folders)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Read a template.

        Raises:
            TemplateError: it is not text, or a link that leads out of the operator's folder.
        """
        try:
            source, path, is_fresh = super().get_source(environment, template)
        except jinja2.TemplateNotFound:
            raise
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(template, 0, "it cannot be read as UTF-8 text") from error
        self._refuse_link(template, Path(path))
        return source, path, is_fresh

    def _refuse_link(self, name: str, path: Path) -> None:
        # Packagers may link the shipped files; a link in the operator's could show any file here.
        for folder in self.folders[:-1]:
            if path.is_relative_to(folder) and not path.resolve().is_relative_to(folder):
                raise TemplateError(
                    name, 0, "it is a link out of the templates' folder; put the file itself there"
                )

    def compile_own(self, environment: jinja2.Environment, kind: str) -> None:
        """Read every template of the operator's own, so that a fault is told before its hour.

        Args:
            environment: the engine that will use them.
            kind: `email` or `web`, the folder in the folder.

        Raises:
            TemplateError: names the template, the line and the reason.
        """
        for folder in self.folders[:-1]:
            for path in sorted((folder / kind).rglob("*.j2")):
                name = path.relative_to(folder).as_posix()
                try:
                    environment.get_template(name)
                except jinja2.TemplateError as error:
                    raise self.explain(error, name) from error

    def explain(self, error: Exception, name: str) -> TemplateError:
        """Say of an error which template it is in, and where.

        Args:
            error: Jinja's, or what an expression raised.
            name: the template that was asked for.
        """
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, jinja2.TemplateSyntaxError):
            return TemplateError(error.name or name, error.lineno, reason)
        if isinstance(error, jinja2.TemplateNotFound):
            return TemplateError(str(error.name), 0, "there is no such template")
        template, line = self._find_line(error, name)
        return TemplateError(template, line, reason)

    def _find_line(self, error: Exception, name: str) -> tuple[str, int]:
        """Find the innermost template in the traceback, which Jinja rewrites to show them."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            for folder in self.folders:
                if path.is_relative_to(folder):
                    return path.relative_to(folder).as_posix(), frame.lineno or 0
        return name, 0
