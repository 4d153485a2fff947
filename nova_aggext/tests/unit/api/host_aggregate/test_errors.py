# SPDX-License-Identifier: Apache-2.0
"""The form of errors."""

import pathlib
import re

from nova_aggext import exception
from nova_aggext import wsgi
from nova_aggext.api.host_aggregate import codes
from nova_aggext.api.host_aggregate import errors
from nova_aggext.tests import base
from nova_aggext.wsgi import errors as wsgi_errors

HELP = 'https://aggext.example/errors.html'
PAGE = pathlib.Path(__file__).parents[5] / 'doc/source/user/errors.rst'


class CodesTest(base.TestCase):
    """The table of codes."""

    def test_form(self) -> None:
        for code in codes.TITLES:
            self.assertTrue(re.fullmatch(r'[a-z0-9._-]+', code), code)

    def test_a_code_has_one_status(self) -> None:
        every = [code for one in codes.BY_STATUS.values() for code in one]
        self.assertEqual(sorted(set(every)), sorted(every))

    def test_anchors_differ(self) -> None:
        anchors = {codes.anchor(code) for code in codes.TITLES}
        self.assertEqual(len(codes.TITLES), len(anchors))

    def test_each_is_explained_where_help_links_to(self) -> None:
        found = re.findall(r'^\.\. _([^:]+):$', PAGE.read_text(), re.MULTILINE)
        expected = [codes.anchor(code) for code in codes.TITLES]
        self.assertEqual(sorted(expected), sorted(found))

    def test_without_a_code_of_its_own(self) -> None:
        for status in (400, 403, 404, 405, 406, 415, 503, 500):
            code = codes.of_status(status)
            self.assertIn(code, codes.BY_STATUS[status])
        self.assertEqual('unexpected', codes.of_status(501))


class RefusedTest(base.TestCase):
    """What controllers refuse."""

    def _form(self, error: exception.AggextException, status: int) -> object:
        failure = wsgi.Failure(status, error.public, error, 'req-7')
        return errors.form(HELP, failure)

    def test_one(self) -> None:
        error = errors.refused(
            409,
            'zone.instances',
            'Host h1 has 2 instances.',
            host='h1',
            instances=2,
        )
        self.assertEqual(409, error.code)
        self.assertEqual('Host h1 has 2 instances.', str(error))
        self.assertEqual(
            {
                'errors': [
                    {
                        'request_id': 'req-7',
                        'code': 'host-aggregate.zone.instances',
                        'status': 409,
                        'title': 'Instances would change their zone',
                        'detail': 'Host h1 has 2 instances.',
                        'host': 'h1',
                        'instances': 2,
                        'links': [
                            {'rel': 'help', 'href': f'{HELP}#zone-instances'}
                        ],
                    }
                ]
            },
            self._form(error, 409),
        )

    def test_many(self) -> None:
        """The first hundred are told, and how many more there are."""
        problems = [
            errors.problem('name.taken', f'{n} is taken.') for n in range(120)
        ]
        error = errors.Refused(409, problems, more=5)
        told = self._form(error, 409)
        assert isinstance(told, dict)
        self.assertEqual(25, told['more'])
        self.assertEqual(100, len(told['errors']))
        self.assertEqual('99 is taken.', told['errors'][99]['detail'])

    def test_any_method_may_answer_it(self) -> None:
        self.assertTrue(errors.Refused(400, []).always)

    def test_of_the_kit(self) -> None:
        where = {'detail': 'x', 'where': 'body', 'path': ('a/b', '0', 'c~')}
        for error, code, members in (
            (
                wsgi_errors.ValidationError(**where),
                'request.invalid',
                {'path': '/a~1b/0/c~0'},
            ),
            (
                wsgi_errors.ValidationError(detail='x', where='query'),
                'query.invalid',
                {'parameter': None},
            ),
            (
                wsgi_errors.MalformedRequestBody(reason='x'),
                'request.invalid',
                {'path': ''},
            ),
            (
                wsgi_errors.InvalidContentType(content_type='text/css'),
                'media_type',
                {'content_type': 'text/css'},
            ),
            (
                wsgi_errors.InvalidGlobalAPIVersion(
                    version=3, minimum=1, maximum=2
                ),
                'version.unsupported',
                {'min_version': '1', 'max_version': '2'},
            ),
            (
                exception.PolicyNotAuthorized(action='a:rule'),
                'forbidden',
                {'rule': 'a:rule'},
            ),
            (exception.AggregateBusy(), 'unavailable', {'retry_after': 1}),
            (exception.ConfigurationError(reason='x'), 'unexpected', {}),
        ):
            told = self._form(error, error.code)
            assert isinstance(told, dict)
            (one,) = told['errors']
            self.assertEqual(f'host-aggregate.{code}', one.pop('code'))
            for name in ('request_id', 'status', 'title', 'detail', 'links'):
                one.pop(name)
            self.assertEqual(members, one)

    def test_pointer(self) -> None:
        self.assertEqual('', errors.pointer(()))
        self.assertEqual(
            '/change/hosts/0', errors.pointer(['change', 'hosts', 0])
        )
