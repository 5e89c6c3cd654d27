"""`env["crm.lead"]`: the checked records of one model. Every way in and out of the database for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import AccessDenied, NotFound, Refusal, closest, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo, ModelInfo
from core.lang.tree import Expression
from core.model.record import Record
from core.records import aggregates, deletion, links, pipeline, redirection
from core.records.branches import Asked, read_branches
from core.records.checks import require_right
from core.records.copying import copies
from core.records.images import lock_images, permitted, read_by_id
from core.records.paging import Page, read_cursor, write_cursor
from core.records.query import Query, require_readable, select_count, select_page
from core.records.rows import Rows
from core.records.traits import unreadable
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment

Where = str | Expression
ALL = 2**62


class UnknownField(Refusal):
    """A path that leads nowhere."""

    code = "unknown_field"
    status = 400


class Records:
    """Checked access to the records of one model, as the user of an environment."""

    __slots__ = ("env", "info", "model")

    def __init__(self, env: Environment, model: str) -> None:
        self.env = env
        self.model = model
        self.info: ModelInfo = env.registry.schema[model]

    def may(self, operation: Operation) -> bool:
        """Whether the user has the right for the operation on the model; record rules may still refuse a record."""
        return self.env.policy is None or self.env.policy.may(self.model, operation)

    # Reading

    def search(
        self,
        where: Where = "",
        *,
        order: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **names: object,
    ) -> Rows:
        """The rows that meet a condition, read on first use. Names in the condition are bound from `names`."""
        stored = self.stored_fields()
        require_right(self.env, self.model, "read")
        query = Query(self.env, self.model, where, names)
        return Rows(self, lambda: self._page(query, stored, order, limit, after).records)

    def read(
        self,
        where: Where,
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **names: object,
    ) -> list[dict[str, Any]]:
        """Values by asked path, in one statement and one more for each asked field that holds several records.

        A many2one is an id or None, a field with several records a list of ids.
        """
        return self.page(where, fields, order=order, limit=limit, after=after, **names).records

    def page(
        self,
        where: Where,
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **names: object,
    ) -> Page:
        """Like `read`, with the cursor of the following page.

        :raises AccessDenied: no right to read, or a closed field.
        :raises ExpressionError: the condition or the order cannot be read.
        :raises BadCursor: `after` is damaged or belongs to another order.
        """
        require_right(self.env, self.model, "read")
        require_readable(self.env, self.model, fields)
        return self._page(Query(self.env, self.model, where, names), fields, order, limit, after)

    def read_each(
        self, asked: Sequence[Asked], fields: Sequence[str], *, order: str | None = None, limit: int | None = None
    ) -> list[list[dict[str, Any]]]:
        """Like `read` for each of several conditions with the values of its names, in one statement; fields with
        several records cannot be asked for."""
        require_right(self.env, self.model, "read")
        require_readable(self.env, self.model, fields)
        return read_branches(self.env, self.model, asked, fields, order, ALL if limit is None else limit)

    def _page(
        self, query: Query, fields: Sequence[str], order: str | None, limit: int | None, after: str | None
    ) -> Page:
        asked = tuple(fields)
        several, paths = self.env.runtime.statements.get(("paths", self.model, asked), lambda: self._split(asked))
        terms = query.order(order)
        keys = query.keys(terms)
        text = ",".join(term.text for term in terms)
        extra: dict[str, object] = {"_limit": ALL if limit is None else limit + 1}
        absent = None
        if after is not None:
            values = read_cursor(after, text, keys)
            absent = tuple(value is None for value in values)
            extra.update({f"_key{position}": value for position, value in enumerate(values)})
        selected = query.kept("page", (paths, text, absent), lambda: select_page(query, paths, terms, absent))
        found = query.fetch(selected.statement, extra)
        more = limit is not None and len(found) > limit
        rows = selected.decode(found[:limit] if more else found)
        cursor = write_cursor(text, keys, rows[-1][len(paths) :]) if more and rows else None
        records: list[dict[str, Any]] = [dict(zip(paths, row, strict=False)) for row in rows]
        for path in several:
            self._add_several(records, path)
        if several or "id" not in fields:
            records = [{path: record[path] for path in fields} for record in records]
        return Page(records, cursor)

    def _split(self, fields: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The asked fields that hold several records, and the paths that one statement gives, `id` first."""
        several = tuple(path for path in fields if self._info(path).kind is Kind.REFERENCES)
        return several, tuple(dict.fromkeys(["id", *(path for path in fields if path not in several)]))

    def _info(self, path: str) -> FieldInfo:
        info = self.info.find(path.partition(".")[0])
        if info is None:
            suggestion = closest(path, self.info.fields)
            raise UnknownField(
                _("'{field}' is not a field of {model}.", field=path, model=self.model), hint=did_you_mean(suggestion)
            )
        return info

    def _add_several(self, records: list[dict[str, Any]], path: str) -> None:
        """Fill in the ids of a to-many field, those that the reader may read, in the target's own order for
        one2many."""
        ids = [record["id"] for record in records]
        found = self._linked(path, ids)
        for record in records:
            record[path] = found.get(record["id"], [])

    def _linked(self, path: str, ids: Sequence[int]) -> dict[int, list[int]]:
        info = self._info(path)
        target = self.env[str(info.target)]
        if info.link is None:
            return self._children(target, str(info.inverse), ids)
        stored = links.stored_links(self.env, self.model, info.name, ids)
        if self.env.policy is None:
            return stored
        readable = target.permitted({id_ for linked in stored.values() for id_ in linked})
        return {own: [id_ for id_ in linked if id_ in readable] for own, linked in stored.items()}

    def _children(self, target: Records, inverse: str, ids: Sequence[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        named = links.own_keys(self.env, self.model, target.model, inverse, ids)
        if target.may("read") and ids:
            for child in target.read(f"{inverse} in owners", ["id", inverse], owners=list(named)):
                found.setdefault(named[child[inverse]], []).append(child["id"])
        return found

    def stored_fields(self) -> list[str]:
        """The fields with a column of their own that the user may read, `id` first."""
        hidden = unreadable(self.env, self.model)
        return [info.name for info in self.info.fields.values() if info.column and info.name not in hidden]

    def adopt(self, records: Sequence[dict[str, Any]]) -> list[Record]:
        """Rows from dicts of stored values; they share the loading of their relations."""
        return self.env.registry.models[self.model].adopt_all(records)

    def get(self, id_: int) -> Record:
        """One row, archived or not.

        :raises NotFound: there is no such record, or the user may not know that there is.
        """
        rows = self.browse([id_])
        if not rows:
            label = _(self.info.label or self.model)
            raise NotFound(_("There is no {model} {id}, or you may not see it.", model=label, id=id_))
        return rows[0]

    def _all(self, ids: Sequence[int]) -> list[Record]:
        """The rows of all the ids; raises NotFound for the first that may not be known."""
        found = {row.id: row for row in self.browse(ids)}
        return [found.get(id_) or self.get(id_) for id_ in ids]

    def browse(self, ids: Sequence[int]) -> list[Record]:
        """Rows in the order of the ids, archived ones included; those that may not be read are left out."""
        if not ids or not self.may("read"):
            return []
        return self.adopt(list(self._by_id(ids, self.stored_fields()).values()))

    def read_ids(self, ids: Sequence[int], fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        """Values by id, archived records included; records that may not be read are left out."""
        if not ids or not self.may("read"):
            return {}
        require_readable(self.env, self.model, fields)
        return self._by_id(ids, fields)

    def _by_id(self, ids: Sequence[int], fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        wanted = list(dict.fromkeys(ids))
        asked = tuple(fields)
        several, paths = self.env.runtime.statements.get(("paths", self.model, asked), lambda: self._split(asked))
        found = read_by_id(self.env, self.model, wanted, paths)
        records = {id_: found[id_] for id_ in wanted if id_ in found}
        for path in several:
            self._add_several(list(records.values()), path)
        return records

    def permitted(self, ids: Iterable[int], operation: Operation = "read") -> set[int]:
        """The ids that exist and that the operation's rules let through."""
        return permitted(self.env, self.model, sorted(set(ids)), operation)

    def label(self, ids: Iterable[int]) -> dict[int, str]:
        """The labels of records by id; those that may not be read are left out."""
        name = self.info.label_field
        return {id_: values[name] or f"#{id_}" for id_, values in self.read_ids(sorted(set(ids)), [name]).items()}

    def count(self, where: Where = "", *, limit: int | None = None, **names: object) -> int:
        """The number of records that meet a condition, counted up to `limit`."""
        require_right(self.env, self.model, "read")
        query = Query(self.env, self.model, where, names)
        return int(str(query.fetch(select_count(query), {"_limit": ALL if limit is None else limit})[0][0]))

    def aggregate(
        self,
        where: Where = "",
        by: Sequence[str] = (),
        measures: Sequence[str] = ("id:count",),
        *,
        limit: int | None = None,
        **names: object,
    ) -> list[dict[str, Any]]:
        """Groups with totals, one key for each term as asked. Without `by`, one group.

        :raises BadAggregate: a grouping or measure that the model cannot answer.
        """
        require_right(self.env, self.model, "read")
        return aggregates.aggregate(Query(self.env, self.model, where, names), by, measures, limit=limit)

    # Writing

    def lock(self, ids: Sequence[int], versions: Mapping[int, int] | None = None) -> None:
        """Let nobody else change records before the transaction ends; refuse those that are not of their `versions`."""
        images = lock_images(self.env, self.model, ids, "update")
        pipeline.compare_versions(self.env, self.model, images, versions or {})

    def defaults(self, values: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The values a new record starts with: those given, the defaults, and what the model makes of both."""
        return pipeline.first_values(self.env, self.model, values or {})

    def create(self, **values: object) -> Record:
        """Create one record."""
        return self.create_many([values])[0]

    def create_many(self, items: Sequence[Mapping[str, object]]) -> list[Record]:
        """Create one record for each mapping, in one batch.

        :raises Invalid: nothing was created; `row` of each error is a position in `items`.
        """
        with self.env:
            return pipeline.create(self.env, self.model, items)

    def copy(self, rows: Record | int | Iterable[Record | int], **values: object) -> list[Record]:
        """Duplicate records, in one batch; `values` are given to each copy instead of what its record has.

        Fields declared `copy=False` and those that the user may not see begin anew, and so does what belongs to a
        record: messages, files, related records.

        :raises NotFound: a record is not there, or may not be seen.
        """
        ids = [_id(row) for row in _listed(rows)]
        with self.env:
            return pipeline.create(
                self.env, self.model, [{**each, **values} for each in copies(self.env, self.model, ids)]
            )

    def write(
        self,
        rows: Record | int | Iterable[Record | int],
        *,
        version: int | Mapping[int, int] | None = None,
        **values: object,
    ) -> None:
        """Write the same values to all rows; row objects among them are refreshed.

        :param version: the version the caller saw, of one row or by id; a newer one in the database is refused.
        """
        targets = _listed(rows)
        ids = [_id(row) for row in targets]
        with self.env:
            pipeline.write(self.env, self.model, [(id_, values) for id_ in ids], versions=_versions(ids, version))
        self._refresh([row for row in targets if isinstance(row, Record)])

    def write_many(self, items: Sequence[tuple[int, Mapping[str, object]]]) -> None:
        """Write values of their own to each record by id, in one batch."""
        with self.env:
            pipeline.write(self.env, self.model, items)

    def follow(self, items: Sequence[tuple[int, Mapping[str, object]]]) -> None:
        """Write to each record by id what follows from other values, without history and hooks but `derive`.

        :raises ValueError: a field that is not declared `follows`.
        """
        with self.env:
            pipeline.follow(self.env, self.model, items)

    def _refresh(self, rows: Sequence[Record]) -> None:
        if rows:
            stored = self.env.sudo()[self.model].read_ids([row.id for row in rows], self.stored_fields())
            for row in rows:
                row.refresh(stored[row.id])

    def delete(
        self, rows: Record | int | Iterable[Record | int], *, version: int | Mapping[int, int] | None = None
    ) -> None:
        """Delete records and what their references ask for; everything is logged and can be undone.

        :param version: as for `write`.
        """
        ids = list(dict.fromkeys(_id(row) for row in _listed(rows)))
        with self.env:
            deletion.delete(self.env, {self.model: ids}, versions=_versions(ids, version))

    def redirect(self, rows: Record | int | Iterable[Record | int], to: int) -> None:
        """Make whatever refers to the records refer to `to`, in every field of every addon.

        Where a unique index allows only one of two references, the one that `to` has stays.

        :raises AccessDenied, NotFound: the user may not change one of the records.
        """
        with self.env:
            redirection.redirect(self.env, self.model, [_id(row) for row in _listed(rows)], to)

    def archive(self, rows: Record | int | Iterable[Record | int]) -> None:
        """Take records out of every search that does not name `active`."""
        self.write(rows, active=False)

    def unarchive(self, rows: Record | int | Iterable[Record | int]) -> None:
        """Bring archived records back."""
        self.write(rows, active=True)

    def call(self, rows: Record | int | Iterable[Record | int], action: str, **arguments: object) -> object:
        """Run an action of the model: only methods marked `@action` are reachable.

        :raises NotFound: there is no such action, or a record is not there.
        :raises AccessDenied: the action is for other groups.
        """
        known = self.env.registry.actions[self.model]
        if action not in known:
            hint = did_you_mean(closest(action, known))
            raise NotFound(_("{model} has no action '{action}'.", model=self.model, action=action), hint=hint)
        marked = known[action]
        if marked.groups and self.env.policy is not None and not marked.groups & self.env.groups:
            raise AccessDenied(_("'{action}' is not for your groups.", action=_(marked.label)))
        with self.env:
            records = self._all(list(dict.fromkeys(_id(row) for row in _listed(rows))))
            if marked.batch:
                return getattr(self.env.registry.models[self.model], action)(records, **arguments)
            results = [getattr(record, action)(**arguments) for record in records]
        return results[0] if len(results) == 1 else results


def _listed(rows: Record | int | Iterable[Record | int]) -> list[Record | int]:
    return [rows] if isinstance(rows, (Record, int)) else list(rows)


def _versions(ids: Sequence[int], version: int | Mapping[int, int] | None) -> Mapping[int, int] | None:
    """The versions by id; a single number belongs to a single record."""
    if not isinstance(version, int):
        return version
    if len(set(ids)) > 1:
        raise ValueError("one version belongs to one record; give a mapping by id for several")
    return dict.fromkeys(ids, version)


def _id(row: Record | int) -> int:
    return row if isinstance(row, int) else row.id
