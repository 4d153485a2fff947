# SPDX-License-Identifier: Apache-2.0
"""The captured cases: what was there before, and what had to be told."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import functools
import http
import json
import pathlib
from typing import Any

from nova_aggext.tests.delivery import normalise
from nova_aggext.tests.delivery import world

FACTS = pathlib.Path(__file__).resolve().parent / 'facts'

# Kinds of effects.
CALL = 'placement call'
MESSAGES = ('legacy notification', 'versioned notification', 'rpc cast')


@functools.cache
def facts(name: str) -> Any:
    """Read a file of facts."""
    return json.loads((FACTS / f'{name}.json').read_text())


@dataclasses.dataclass(frozen=True)
class Case:
    """A request, and what it caused.

    :ivar differences: where ours is not Nova's, with the reason
    """

    name: str
    fact: Mapping[str, Any]
    differences: Mapping[str, Any]

    @property
    def request(self) -> Mapping[str, Any]:
        """The request; ``<int>`` stands for the id of ``agg-a``."""
        found: Mapping[str, Any] = self.fact['request']
        return found

    @property
    def host(self) -> str | None:
        """The host that the request is about."""
        action = next(iter((self.request['body'] or {'': None}).values()))
        return action.get('host') if isinstance(action, dict) else None

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.differences.get('status', self.fact['status']))

    def before(self) -> list[world.Aggregate]:
        """Give what was there before."""
        given = facts('before').get(self.name)
        if given is not None:
            return [world.Aggregate(**one) for one in given]
        for effect in self.fact['effects']:
            payload = effect.get('payload', {})
            data = payload.get('nova_object.data', {})
            starting = effect.get('event_type', '').endswith('.start')
            if starting and data.get('hosts') is not None:
                return [
                    world.Aggregate('agg-a', data['hosts'], data['metadata'])
                ]
        return []

    def present(self) -> set[str]:
        """Give the aggregates that the provider of the host had."""
        for effect in self.fact['effects']:
            answer = effect.get('response')
            if effect['kind'] == CALL and effect['method'] == 'GET' and answer:
                return set(answer['aggregates'])
        return set()

    def messages(self) -> list[dict[str, Any]]:
        """Give the messages that ours must send."""
        if self.differences.get('nothing'):
            return []
        without = self.differences.get('without', ())
        return self._replaced(
            normalise.told(effect)
            for effect in self._effects()
            if effect['kind'] in MESSAGES and _what(effect) not in without
        )

    def calls(self) -> list[dict[str, Any]]:
        """Give the calls of placement, as Nova made them.

        Nova asks for the versions first, which our configuration spares.
        """
        return self._replaced(
            normalise.called(effect)
            for effect in self._effects()
            if effect['kind'] == CALL and effect['path'] != '/'
        )

    def calls_by_node(self, nodes: Mapping[str, str]) -> list[dict[str, Any]]:
        """Give the calls of who knows the nodes of the host.

        A provider is looked for by the uuid of the node, and by its name
        only where there is none. A refused request calls nobody.
        """
        if self.status != http.HTTPStatus.OK:
            return []
        calls = self.calls()
        if self.host not in nodes:
            return calls
        if len(calls) > 1:
            return calls[1:]
        path = f'/resource_providers/<uuid:provider {self.host}>/aggregates'
        missing = {'method': 'GET', 'path': path, 'body': None, 'status': 404}
        return [missing, *calls] if calls else []

    def _effects(self) -> list[dict[str, Any]]:
        like = self.differences.get('as')
        fact = load()[like].fact if like else self.fact
        return list(fact['effects'])

    def _replaced(self, effects: Iterable[Any]) -> list[dict[str, Any]]:
        text = json.dumps(list(effects))
        for old, new in self.differences.get('replace', {}).items():
            text = text.replace(old, new)
        return list(json.loads(text))


def _what(effect: Mapping[str, Any]) -> Any:
    return effect.get('event_type') or effect['method']


@functools.cache
def load(*files: str) -> dict[str, Case]:
    """Read the cases, by name."""
    reasons: dict[str, dict[str, Any]] = {}
    for one in facts('differences'):
        for name in one['cases']:
            reasons[name] = one
    found = {}
    for file in files or ('operations', 'failures'):
        for name, fact in facts(file).items():
            found[name] = Case(name, fact, reasons.get(name, {}))
    return found
