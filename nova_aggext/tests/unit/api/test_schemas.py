# SPDX-License-Identifier: Apache-2.0
"""Every schema that is declared is one."""

import jsonschema

from nova_aggext.api.schemas import aggregates
from nova_aggext.tests import base


class SchemasTest(base.TestCase):
    """Those of the API, which nothing checks at run time."""

    def test_each(self) -> None:
        found = {
            name: value
            for name, value in vars(aggregates).items()
            if name.isupper() and isinstance(value, dict)
        }
        self.assertIn('CREATE_V20', found)
        for schema in found.values():
            jsonschema.Draft7Validator.check_schema(schema)
