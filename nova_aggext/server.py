# SPDX-License-Identifier: Apache-2.0
"""The WSGI callable for gunicorn, uWSGI and mod_wsgi.

Configured by ``OS_NOVA_AGGEXT_CONFIG_FILES`` (see ``conf.find``)::

    gunicorn --threads 8 nova_aggext.server:application
"""

import logging
import os

from nova_aggext import conf
from nova_aggext import deploy
from nova_aggext import version
from nova_aggext.cmd import process

_sources = conf.find(os.environ)
process.prepare(*_sources)
application = deploy.load(*_sources)
logging.getLogger(__name__).info(
    'nova-aggext %s serves where the WSGI server listens', version.release()
)
