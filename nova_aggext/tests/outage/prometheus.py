# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus that has our alerts, in less patience."""

import json
import pathlib
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Mapping

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.metrics import shipped

# Minutes of the alerts become seconds, and so does the age of a message.
_MINUTE = 60
_CONF = {
    'global': {'scrape_interval': '500ms', 'evaluation_interval': '500ms'},
    'rule_files': ['alerts.yaml'],
}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 60


class Prometheus(fixtures.Fixture):
    """Scrapes what it is told.

    :ivar fired: the names of the alerts that were awaited
    """

    def __init__(self, targets: Mapping[str, int]) -> None:
        """Take the port of each job."""
        super().__init__()
        self._targets = targets
        self.fired: set[str] = set()

    def _setUp(self) -> None:
        if shutil.which('prometheus') is None:
            base.missing('prometheus', 'it is not installed')
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (folder / 'alerts.yaml').write_text(hurried())
        jobs = [
            {
                'job_name': job,
                'static_configs': [{'targets': [f'127.0.0.1:{port}']}],
            }
            for job, port in self._targets.items()
        ]
        conf = {**_CONF, 'scrape_configs': jobs}
        # JSON is YAML.
        (folder / 'prometheus.yaml').write_text(json.dumps(conf))
        self.port = server.free_port()
        self.log = folder / 'prometheus.log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                [
                    'prometheus',
                    f'--config.file={folder}/prometheus.yaml',
                    f'--storage.tsdb.path={folder}/data',
                    f'--web.listen-address=127.0.0.1:{self.port}',
                ],
                stdout=log,
                stderr=log,
            )
        self.addCleanup(self.process.wait, _SECONDS)
        self.addCleanup(self.process.terminate)
        server.wait_for(self.port, self.process, self.log)

    def firing(self) -> set[str]:
        """Give the alerts that fire; of some with what they are about."""
        url = f'http://127.0.0.1:{self.port}/api/v1/alerts'
        with _DIRECT.open(url, timeout=_SECONDS) as answer:
            alerts = json.loads(answer.read())['data']['alerts']
        return {
            _name(one['labels']) for one in alerts if one['state'] == 'firing'
        }

    def await_firing(self, *names: str) -> None:
        """Wait until all of these have fired since now.

        :raises TimeoutError: when some have not
        """
        missing, deadline = set(names), time.monotonic() + _SECONDS
        while missing := missing - self.firing():
            _pause(deadline, f'{missing} do not fire')
        self.fired |= {name.split()[0] for name in names}

    def await_none(self) -> None:
        """Wait until no alert fires.

        :raises TimeoutError: when some do for too long
        """
        deadline = time.monotonic() + _SECONDS
        while left := self.firing():
            _pause(deadline, f'{left} fire')


def hurried() -> str:
    """Give the alerts with seconds where there are minutes."""
    text = shipped.ALERTS.read_text()
    text = re.sub(r'(\bfor: |\[)(\d+)m', r'\1\2s', text)
    return re.sub(
        r'(oldest_seconds\) > )(\d+)',
        lambda found: f'{found[1]}{int(found[2]) // _MINUTE}',
        text,
    )


def _name(labels: Mapping[str, str]) -> str:
    about = labels.get('channel') or labels.get('job') or labels.get('reason')
    return ' '.join(filter(None, (labels['alertname'], about)))


def _pause(deadline: float, text: str) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(text)
    time.sleep(0.1)
