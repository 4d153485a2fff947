# SPDX-License-Identifier: Apache-2.0
"""What Ansible checks of each collection."""

import shutil

from nova_aggext.tests import base
from osc_aggext.tests.ansible import collection

# Pip comes with Python; otherwise a script of another site would bring it.
PIP = 'import ensurepip\nensurepip.bootstrap()\n'
# The repository has its own of these, or other tests.
SKIPPED = ('ansible-doc', 'import', 'pep8', 'pylint', 'shellcheck')


class SanityTest(base.TestCase):
    """The checks that need nothing but PyPI."""

    def test_sanity(self) -> None:
        ansible = self.useFixture(collection.Collection())
        cache = ansible.folder / '.ansible/test/cache'
        cache.mkdir(parents=True)
        (cache / 'get_pip_24_2.py').write_text(PIP)
        source = ansible.folder / 'source/ansible_collections/aggext/openstack'
        shutil.copytree(collection.SOURCE, source)
        skipped = [f'--skip-test={name}' for name in SKIPPED]
        done = ansible(
            *('ansible-test', 'sanity', '--python', collection.PYTHON),
            *skipped,
            folder=source,
        )
        self.assertEqual(0, done.status, done.out)
        self.assertIn('Running sanity test "validate-modules"', done.out)
