# SPDX-License-Identifier: Apache-2.0
"""The import rule of the package, and the sizes of its parts, as data."""

import ast
import dataclasses
import functools
import graphlib
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

PACKAGE = 'nova_aggext'
FOLDER = pathlib.Path(__file__).parents[2]
TESTS = f'{PACKAGE}.tests'

# Arrows point down only. A part is a file or folder of the package; it may
# import what is in the rows below its own, never its neighbours.
ROWS = (
    'server filters authtoken health',
    'deploy cmd testing',
    'application',
    'services',
    'delivery',
    'api policy outbox notifications scheduler conductor placement hosts '
    'zone_cache',
    'compute metrics tracing policies wsgi conf messaging',
    'db objects plugins extras threads',
    'exception context version',
)

# Parts that import less than the rows below them.
ONLY = {
    'wsgi': 'exception',
    'conf': '',
    'policies': '',
    'messaging': 'exception',
    'db': 'exception context',
    'metrics': 'exception version db',
    'tracing': 'exception extras',
    'plugins': 'exception',
    'extras': 'exception',
    'threads': 'exception',
}

# Parts that are imported by these alone.
USERS = {
    'wsgi': 'api application deploy filters',
    'conf': 'services delivery deploy cmd policy server',
    'policies': 'api policy',
    'messaging': 'notifications scheduler conductor',
}

# Neighbours that may be imported all the same.
SINKS = 'notifications scheduler conductor placement zone_cache'
SIDEWAYS = (
    # A context says who may not.
    ('context', f'{PACKAGE}.exception'),
    # The commands start what PasteDeploy loads.
    ('cmd', f'{PACKAGE}.deploy'),
    # One of them finds out whether Keystone lets it in.
    ('cmd', f'{PACKAGE}.authtoken'),
    # Sinks know in what form the outbox hands over, and what they are given.
    *((sink, f'{PACKAGE}.outbox.types') for sink in SINKS.split()),
    *((sink, f'{PACKAGE}.outbox.channels') for sink in SINKS.split()),
)

# Who may use which library. One that is not listed is used by nobody yet.
LIBRARIES = {
    'alembic': 'db',
    # The errors that oslo.messaging does not translate.
    'amqp': 'messaging',
    'cachetools': 'placement policy',
    'cliff': 'cmd',
    'fastjsonschema': 'wsgi',
    'keystoneauth1': 'placement conductor authtoken',
    'keystonemiddleware': 'authtoken',
    'kombu': 'messaging',
    'microversion_parse': 'wsgi',
    'orjson': 'api db wsgi',
    'oslo_cache': 'zone_cache',
    'oslo_config': 'conf db hosts messaging outbox notifications '
    'conductor placement policy api delivery services deploy filters cmd '
    'health authtoken zone_cache',
    'oslo_context': 'context',
    'oslo_db': 'db',
    'oslo_log': 'cmd',
    # The connection that the three have in common is in messaging.
    'oslo_messaging': 'messaging notifications scheduler conductor',
    'oslo_middleware': 'filters health',
    'oslo_policy': 'policies policy',
    'oslo_reports': 'cmd',
    'oslo_upgradecheck': 'cmd',
    'oslo_utils': 'wsgi cmd',
    'oslo_versionedobjects': 'objects',
    'paste': 'deploy',
    'prometheus_client': 'metrics deploy cmd',
    'routes': 'wsgi',
    'sqlalchemy': 'db hosts',
    # What is not ours notifications load themselves.
    'stevedore': 'plugins notifications',
    'tqdm': 'cmd',
    'waitress': 'cmd',
    'webob': 'api wsgi',
}
LIBRARIES_OF_MODULES = (
    # Beneath keystoneauth, which leaves to it when connections are closed.
    (f'{PACKAGE}.placement.connections', 'requests'),
    # A mixin of tests; those who do not test never import it.
    (f'{PACKAGE}.testing.host_inventory', 'testtools'),
)

MAX_MODULE = 400
MAX_FUNCTION = 50

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclasses.dataclass(frozen=True, slots=True)
class Module:
    """The source of one module."""

    name: str
    source: str

    @property
    def tree(self) -> ast.Module:
        """The source, parsed."""
        return _parsed(self.source)

    @property
    def part(self) -> str:
        """The file or folder of the package that it is in."""
        return part_of(self.name)


Rule = Callable[[list[Module]], Iterator[str]]


@functools.cache
def _parsed(source: str) -> ast.Module:
    """Parse a source once for all rules."""
    return ast.parse(source)


def part_of(name: str) -> str:
    """Give the first name below the package."""
    return [*name.split('.'), ''][1]


def read(folder: pathlib.Path) -> list[Module]:
    """Read every module in a folder, with the name it is imported by."""
    return [
        Module(_name(path.relative_to(folder.parent)), path.read_text())
        for path in sorted(folder.rglob('*.py'))
    ]


def _name(path: pathlib.Path) -> str:
    parts = path.with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def imported(module: Module) -> Iterator[str]:
    """Give what a module imports, for typing alone or not."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = '.' * node.level + (node.module or '')
            yield from (f'{start}.{alias.name}' for alias in node.names)


def top(name: str) -> str:
    """Give the name of the distribution's package."""
    return name.partition('.')[0]


def outside_tests(modules: list[Module]) -> list[Module]:
    """Leave out the tests, which may import everything."""
    return [one for one in modules if not is_below(one.name, TESTS)]


def is_below(name: str, package: str) -> bool:
    """Say whether a module is a package or in it."""
    return f'{name}.'.startswith(f'{package}.')


def upward(modules: list[Module]) -> Iterator[str]:
    """Find imports against the arrows."""
    for module in outside_tests(modules):
        for name in imported(module):
            if top(name) == PACKAGE and not _is_allowed(module.part, name):
                yield f'{module.name} imports {name}'


def _is_allowed(part: str, name: str) -> bool:
    other = part_of(name)
    if other in ('', part) or any(
        part == user and is_below(name, used) for user, used in SIDEWAYS
    ):
        return True
    if other not in ONLY.get(part, other).split():
        return False
    if part not in USERS.get(other, part).split():
        return False
    return _row(part) < _row(other)


def _row(part: str) -> int:
    for number, row in enumerate(ROWS):
        if part in row.split():
            return number
    raise LookupError(f'{part} is in no row of the diagram')


def foreign(modules: list[Module]) -> Iterator[str]:
    """Find libraries where they do not belong."""
    known = {PACKAGE, '_typeshed', *sys.stdlib_module_names}
    for module in outside_tests(modules):
        for library in {top(name) for name in imported(module)} - known:
            users = LIBRARIES.get(library, '').split()
            exempt = (module.name, library) in LIBRARIES_OF_MODULES
            if module.part not in users and not exempt:
                yield f'{module.name} imports {library}'


def unused(modules: list[Module]) -> Iterator[str]:
    """Find what is allowed, and nobody does."""
    made = {
        (module.name, name)
        for module in outside_tests(modules)
        for name in imported(module)
    }
    for user, used in _permissions():
        if not any(
            is_below(one, user) and is_below(name, used) for one, name in made
        ):
            yield f'{user} never imports {used}'


def _permissions() -> Iterator[tuple[str, str]]:
    """Give every permission: who may import, and what."""
    for part, others in ONLY.items():
        for other in others.split():
            yield f'{PACKAGE}.{part}', f'{PACKAGE}.{other}'
    for part, users in USERS.items():
        for user in users.split():
            yield f'{PACKAGE}.{user}', f'{PACKAGE}.{part}'
    for user, used in SIDEWAYS:
        yield f'{PACKAGE}.{user}', used
    for library, users in LIBRARIES.items():
        for user in users.split():
            yield f'{PACKAGE}.{user}', library
    yield from LIBRARIES_OF_MODULES


def of_nova(modules: list[Module]) -> Iterator[str]:
    """Find imports of Nova itself; scripts of tests have their own Python."""
    for module in modules:
        if '.scripts.' not in module.name:
            for name in imported(module):
                if top(name) == 'nova':
                    yield f'{module.name} imports {name}'


def relative(modules: list[Module]) -> Iterator[str]:
    """Find relative imports, which the other rules cannot read."""
    for module in modules:
        for name in imported(module):
            if name.startswith('.'):
                yield f'{module.name} imports {name}'


def cycles(modules: list[Module]) -> Iterator[str]:
    """Find modules that import each other."""
    names = {module.name for module in modules}
    graph = {
        module.name: {
            name if name in names else name.rpartition('.')[0]
            for name in imported(module)
            if top(name) == PACKAGE
        }
        for module in modules
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield ' > '.join(error.args[1])


def inner(modules: list[Module]) -> Iterator[str]:
    """Find imports inside of functions."""
    for module in modules:
        for function in functions(module):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    yield f'{module.name}:{node.lineno}'


def shared(modules: list[Module]) -> Iterator[str]:
    """Find ``global``."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Global):
                yield f'{module.name}:{node.lineno}'


def long_modules(modules: list[Module]) -> Iterator[str]:
    """Find modules that nobody reads to the end."""
    for module in modules:
        lines = len(module.source.splitlines())
        if lines > MAX_MODULE:
            yield f'{module.name}: {lines} lines'


def long_functions(modules: list[Module]) -> Iterator[str]:
    """Find functions that do too much."""
    for module in modules:
        for node in functions(module):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield f'{module.name}.{node.name}: {lines} lines'


def functions(
    module: Module,
) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give the functions and methods of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, FUNCTIONS):
            yield node
