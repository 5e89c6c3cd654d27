"""The plugin manager of one registry: only the addons it holds, registered in dependency order.

Lists come back and events go out in dependency order, base first, whatever order pluggy itself would use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

import pluggy

from core import hookspecs
from core.addon.loading import load, place_of
from core.addon.manifest import Manifest
from core.errors import ConfigurationError, Problem, TesseraError, closest


class Plugins:
    """The hooks of some addons. Building one imports the addons, unless their `modules` are given.

    Raises ConfigurationError for an addon that cannot be imported or that implements a hook there is not (A012).
    """

    def __init__(self, manifests: Sequence[Manifest], modules: Mapping[str, ModuleType | None] | None = None) -> None:
        modules = load(manifests) if modules is None else modules
        self.manifests = tuple(manifests)
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self._modules = {manifest.name: modules[manifest.name] for manifest in manifests}
        self._callers: dict[tuple[str, str], pluggy.HookCaller | None] = {}
        problems = [problem for manifest in manifests for problem in self._register(manifest)]
        if problems:
            raise ConfigurationError(problems)
        self.manager.check_pending()

    def implementers(self, hook: str) -> tuple[str, ...]:
        """The addons that implement a hook, in dependency order."""
        found = {implementation.plugin_name for implementation in getattr(self.manager.hook, hook).get_hookimpls()}
        return tuple(manifest.name for manifest in self.manifests if manifest.name in found)

    def collect(self, hook: str, **arguments: object) -> list[tuple[str, object]]:
        """(addon, item) for every item of the lists that the addons return."""
        collected: list[tuple[str, object]] = []
        for manifest in self.manifests:
            collected.extend((manifest.name, item) for item in self.ask(manifest.name, hook, **arguments))
        return collected

    def ask(self, addon: str, hook: str, **arguments: object) -> list[object]:
        """The items that one addon returns; empty when it does not implement the hook.

        Raises ConfigurationError (A015) when its answer is neither a list nor None, or a hook that declares something
        raises an error. One that is asked about records may raise what it likes: it fails as the request does.
        """
        caller = self._caller(addon, hook)
        try:
            answers = caller(**arguments) if caller else ()
        except TesseraError:
            raise
        except (Exception, SystemExit) as error:
            if arguments:
                raise
            raise ConfigurationError([self._raised(addon, hook, error)]) from error
        items: list[object] = []
        for answer in answers:
            if not isinstance(answer, list | tuple):
                raise ConfigurationError([self._wrong_answer(addon, hook, answer)])
            items.extend(answer)
        return items

    def announce(self, hook: str, **arguments: object) -> None:
        """Tell every addon that implements the hook, one after the other."""
        for manifest in self.manifests:
            self.tell(manifest.name, hook, **arguments)

    def tell(self, addon: str, hook: str, **arguments: object) -> None:
        """Tell one addon."""
        caller = self._caller(addon, hook)
        if caller is not None:
            caller(**arguments)

    def _register(self, manifest: Manifest) -> list[Problem]:
        module = self._modules[manifest.name]
        if module is None:
            return []
        problems = [problem for name in vars(module) if (problem := self._unknown_hook(manifest, module, name))]
        if problems:
            return problems
        try:
            self.manager.register(module, name=manifest.name)
        except pluggy.PluginValidationError as error:
            reason = str(error).splitlines()[-1] if str(error) else "it does not fit"
            text = f"a hook has arguments that its specification does not have: {reason}"
            return [Problem(manifest.shown("hooks.py"), 0, 0, "A012", text)]
        return []

    def _unknown_hook(self, manifest: Manifest, module: ModuleType, name: str) -> Problem | None:
        if self.manager.parse_hookimpl_opts(module, name) is None or hasattr(self.manager.hook, name):
            return None
        line = getattr(getattr(getattr(module, name), "__code__", None), "co_firstlineno", 0)
        known = [known for known in vars(self.manager.hook) if not known.startswith("_")]
        text = f"there is no hook '{name}'"
        return Problem(manifest.shown("hooks.py"), line, 1, "A012", text, closest(name, known))

    def _caller(self, addon: str, hook: str) -> pluggy.HookCaller | None:
        """The caller that reaches one addon only; None when the addon does not implement the hook."""
        key = (addon, hook)
        if key not in self._callers:
            others = [other for name, other in self._modules.items() if name != addon and other is not None]
            implemented = addon in self.implementers(hook)
            self._callers[key] = self.manager.subset_hook_caller(hook, others) if implemented else None
        return self._callers[key]

    def _raised(self, addon: str, hook: str, error: BaseException) -> Problem:
        manifest = next(manifest for manifest in self.manifests if manifest.name == addon)
        file, line = place_of(manifest, error) or (manifest.shown("hooks.py"), 0)
        return Problem(
            file, line, 1 if line else 0, "A015", f"the hook '{hook}' fails: {type(error).__name__}: {error}"
        )

    def _wrong_answer(self, addon: str, hook: str, answer: object) -> Problem:
        text = f"the hook '{hook}' must return a list or None, not {type(answer).__name__}"
        return Problem(f"addons/{addon}/hooks.py", 0, 0, "A015", text)
