"""Importing from end to end: bind every file, check every row of every file, then write, all in one change set.

files -> sources -> plans -> check (writes nothing) -> write (or not: dry run) -> refused rows -> result
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.importing.checking import Checker
from core.data.importing.plan import Plan, bind
from core.data.importing.problems import ImportRefused
from core.data.importing.reading import open_source
from core.data.importing.recipe import Step
from core.data.importing.recipe_file import load_recipe
from core.data.importing.references import References
from core.data.importing.refused import check_refused, write_refused
from core.data.importing.report import FileReport, ImportResult, Phase, Progress, counted, mapping_of
from core.data.importing.store import Store
from core.data.importing.targets import Lookup
from core.data.importing.writing import Writer
from core.i18n import _

if TYPE_CHECKING:
    from core.records.environment import Environment

SHOWN_REFUSALS = 20

Listener = Callable[[Progress], None]


def run_import(
    env: Environment,
    *,
    model: str,
    file: Path,
    recipe: Path | None = None,
    key: str | Sequence[str] | None = None,
    create_missing: bool = False,
    dry_run: bool = False,
    progress: Listener | None = None,
    refused_path: Path | None = None,
) -> ImportResult:
    """Import one file into one model; a recipe for one file may say how, `key` what identifies a record.

    :param refused_path: where refused rows are written to; nothing may be there.
    :raises Refusal: the file, the recipe or the rights do not allow it; nothing was written.
    """
    if refused_path is not None:
        check_refused(refused_path)
    steps = load_recipe(recipe).steps if recipe is not None else (Step(),)
    if len(steps) != 1:
        raise ImportRefused(_("The recipe names several files; give it a folder in place of a model and a file."))
    if steps[0].model not in ("", model):
        raise ImportRefused(_("The recipe is for {wanted}, not for {model}.", wanted=steps[0].model, model=model))
    step = replace(steps[0], model=model, create_missing=create_missing or steps[0].create_missing)
    if key is not None:
        step = replace(step, key=(key,) if isinstance(key, str) else tuple(key))
    run = _Run(env, dry_run, progress or _unheard)
    return run.run([(step, Path(file))], Path(file).stem, refused_path)


def run_recipe(
    env: Environment,
    recipe: Path,
    directory: Path,
    *,
    create_missing: bool = False,
    dry_run: bool = False,
    progress: Listener | None = None,
    refused_path: Path | None = None,
) -> ImportResult:
    """Import the files that a recipe names, in its order, from a folder (or from one file, where it names one).

    :raises Refusal: a file, the recipe or the rights do not allow it; nothing was written.
    """
    if refused_path is not None:
        check_refused(refused_path)
    steps = []
    directory = Path(directory)
    for step in load_recipe(recipe).steps:
        if not step.model:
            raise ImportRefused(_("The recipe {recipe} names a file without a model.", recipe=recipe))
        path = directory / step.file if directory.is_dir() else directory
        steps.append((replace(step, create_missing=create_missing or step.create_missing), path))
    if len(steps) > 1 and not directory.is_dir():
        raise ImportRefused(_("{directory} is not a folder, and the recipe names several files.", directory=directory))
    run = _Run(env, dry_run, progress or _unheard)
    return run.run(steps, Path(recipe).parent.name or Path(recipe).stem, refused_path)


def _unheard(_progress: Progress) -> None:
    """Nobody listens."""


class _Run:
    """One import: its plans, its memory and its counts."""

    def __init__(self, env: Environment, dry_run: bool, progress: Listener) -> None:
        self.env = env
        self.dry_run = dry_run
        self.progress = progress
        self.lookups: list[Lookup] = []
        self.created: Counter[str] = Counter()
        self.outcomes: list[Counter[str]] = []
        self.rows: list[int] = []

    def run(self, steps: Sequence[tuple[Step, Path]], name: str, refused_path: Path | None) -> ImportResult:
        sources = [open_source(path, encoding=step.encoding, delimiter=step.delimiter) for step, path in steps]
        plans = [
            bind(self.env, step, source, number, self.lookups)
            for number, ((step, _path), source) in enumerate(zip(steps, sources, strict=True))
        ]
        with Store() as store:
            self._check(plans, store)
            if not self.dry_run:
                for plan in plans:
                    plan.source.check_unchanged()
                self._write(plans, store)
            wanted = not self.dry_run or refused_path is not None
            refused_file = write_refused(plans, store, refused_path, name) if wanted else None
            return self._result(plans, store, refused_file)

    def _check(self, plans: Sequence[Plan], store: Store) -> None:
        references = References(self.env, store)
        for plan in plans:
            words = {name for lookup in self.lookups if lookup.model == plan.model for name in lookup.fields}
            later = [other for other in plans if other.number > plan.number and other.model == plan.model]
            keys = {tuple(info.name for info in other.key) for other in later if other.key}
            checker = Checker(self.env, store, plan, references, self.lookups, frozenset(words), frozenset(keys))
            checker.run(self._teller(plan, "check"))
            self._count(plan, checker.outcomes, checker.created, checker.rows)

    def _write(self, plans: Sequence[Plan], store: Store) -> None:
        self.created.clear()
        self.outcomes.clear()
        totals, self.rows = self.rows, []
        for plan, total in zip(plans, totals, strict=True):
            writer = Writer(self.env, store, plan, References(self.env, store), self.lookups)
            writer.run(self._teller(plan, "write", total))
            self._count(plan, writer.outcomes, writer.created, writer.rows)

    def _count(self, plan: Plan, outcomes: Counter[str], created: Counter[str], rows: int) -> None:
        self.outcomes.append(outcomes)
        self.rows.append(rows)
        self.created += created
        self.created[plan.model] += outcomes["created"]

    def _teller(self, plan: Plan, phase: Phase, total: int | None = None) -> Callable[[int], None]:
        def tell(rows: int) -> None:
            self.progress(Progress(plan.source.path.name, plan.model, phase, rows, total))

        return tell

    def _result(self, plans: Sequence[Plan], store: Store, refused_file: Path | None) -> ImportResult:
        files = tuple(
            FileReport(
                file=plan.source.path.name,
                model=plan.model,
                shown=plan.source.shown,
                mapping=mapping_of(plan),
                ignored=tuple(plan.ignored),
                rows=rows,
                created=outcomes["created"],
                changed=outcomes["changed"],
                skipped=outcomes["skipped"],
                refused=store.refused_count(plan.number),
                refusals=tuple(store.first_refused(plan.number, SHOWN_REFUSALS)),
            )
            for plan, outcomes, rows in zip(plans, self.outcomes, self.rows, strict=True)
        )
        return ImportResult(
            change_set=None if self.dry_run else self.env.change_set,
            created=counted(self.created),
            changed=counted(self._by_model(files, "changed")),
            skipped=counted(self._by_model(files, "skipped")),
            refused=sum(file.refused for file in files),
            refused_file=refused_file,
            dry_run=self.dry_run,
            files=files,
        )

    def _by_model(self, files: Sequence[FileReport], name: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for file in files:
            counts[file.model] += getattr(file, name)
        return counts
