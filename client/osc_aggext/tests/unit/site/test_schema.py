# SPDX-License-Identifier: Apache-2.0
"""The schema for editors takes what the loader takes."""

import importlib.resources
import json
from typing import Any

import hypothesis
import jsonschema
import testtools
import yaml
from hypothesis import strategies

from osc_aggext.site import hosts
from osc_aggext.site import loader
from osc_aggext.site import places

_FOLDER = importlib.resources.files('osc_aggext')
SCHEMA = json.loads((_FOLDER / 'schema/site.schema.json').read_text())

# Good and bad values of every kind.
LEAVES = strategies.sampled_from(
    [
        None,
        True,
        1,
        1.5,
        '',
        'az1',
        'absent',
        'hosts',
        'skip',
        'refuse',
        'a,b',
        'cmp-a[1-2]',
        '!cmp-a1',
        'a b',
        '[',
    ]
)
LISTS = strategies.lists(LEAVES, max_size=3)
ODD = strategies.one_of(
    LEAVES, LISTS, strategies.dictionaries(strategies.just('a'), LEAVES)
)


def mostly(good: Any) -> Any:
    """Give mostly good values."""
    return strategies.one_of(good, good, good, ODD)


def of(members: dict[str, Any], required: dict[str, Any]) -> Any:
    """Give mappings with some of these members, and rarely another one."""
    known = strategies.fixed_dictionaries(
        {name: mostly(one) for name, one in required.items()},
        optional={name: mostly(one) for name, one in members.items()},
    )
    return strategies.one_of(
        known, known, known, known.map(lambda found: {**found, 'odd': 1})
    )


TEXT = strategies.sampled_from(['', 'az1', 'x y', 'ü', '7', 'no'])
METADATA = strategies.dictionaries(
    strategies.sampled_from(['ssd', 'filter_tenant_id_2', 'yes']),
    mostly(TEXT),
    max_size=2,
)
AGGREGATE = of(
    {
        'availability_zone': TEXT,
        'description': TEXT,
        'owner': TEXT,
        'protected': strategies.booleans(),
        'hosts': strategies.lists(
            mostly(strategies.sampled_from(['a', 'a[1-2]', '!a1', 'b*'])),
            max_size=3,
        ),
        'exclusive': strategies.lists(
            mostly(strategies.sampled_from(['hosts', 'metadata'])), max_size=2
        ),
        'metadata': METADATA,
        'tenants': strategies.lists(
            mostly(strategies.sampled_from(['p1', 'p2'])), max_size=2
        ),
    },
    {},
)
ABSENT = of({}, {'state': strategies.just('absent')})
DEFAULTS = of(
    {
        'unknown_hosts': strategies.sampled_from(['refuse', 'skip']),
        'on_drift': strategies.sampled_from(['refuse', 'overwrite']),
    },
    {},
)
FILE = of(
    {'description': TEXT, 'defaults': DEFAULTS},
    {
        'version': strategies.just(1),
        'aggregates': strategies.dictionaries(
            strategies.sampled_from(['az1', '7', 'null']),
            mostly(strategies.one_of(AGGREGATE, ABSENT)),
            max_size=2,
        ),
    },
)


class SchemaTest(testtools.TestCase):
    """What the schema says, and what the loader takes."""

    def setUp(self) -> None:
        super().setUp()
        self.schema = jsonschema.Draft202012Validator(SCHEMA)

    @hypothesis.given(FILE)
    @hypothesis.settings(max_examples=400, deadline=None)
    def test_same(self, file: Any) -> None:
        schema = jsonschema.Draft202012Validator(SCHEMA)
        is_loaded = True
        try:
            loader.load(yaml.safe_dump(file), 'f', list)
        except places.Invalid as error:
            hypothesis.note(str(error))
            is_loaded = False
        self.assertEqual(is_loaded, schema.is_valid(file))

    def test_members(self) -> None:
        """Both know the same members, and choices."""
        found = SCHEMA['$defs']['aggregate']['properties']
        self.assertEqual(set(loader._MEMBERS), {*found, 'state'})
        defaults = SCHEMA['properties']['defaults']['properties']
        self.assertEqual(
            (list(loader.UNKNOWN_HOSTS), list(loader.ON_DRIFT)),
            (defaults['unknown_hosts']['enum'], defaults['on_drift']['enum']),
        )

    def test_patterns(self) -> None:
        items = SCHEMA['$defs']['aggregate']['properties']['hosts']['items']
        self.assertEqual(
            (hosts.FORM, hosts.LONGEST), (items['pattern'], items['maxLength'])
        )

    def test_schema(self) -> None:
        """It is one."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
