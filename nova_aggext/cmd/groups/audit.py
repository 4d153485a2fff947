# SPDX-License-Identifier: Apache-2.0
"""``audit``: what should not be in the database, and its repair."""

import argparse
import sys

from nova_aggext import application
from nova_aggext import context
from nova_aggext import exception
from nova_aggext.cmd import console
from nova_aggext.cmd import process
from nova_aggext.cmd.groups import base
from nova_aggext.compute import audit

# To whom the repairs are put down.
WHO = 'nova-aggext-manage'
COLUMNS = ('check', 'aggregates', 'subject', 'detail', 'outcome')

FOUND = 'found'
REPAIRED = 'repaired'
LEFT = 'left'
UNDECIDED = 'undecided'


class Audit(base.Lister):
    """Find what should not be, and put it right if told so."""

    columns = COLUMNS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take what to do with findings."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--repair',
            action='store_true',
            help='put right what was found; asks where there is a choice',
        )
        parser.add_argument(
            '--yes',
            action='store_true',
            help='with --repair: take the first answer without asking',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> base.Listed:
        """Find, and repair."""
        if parsed_args.yes and not parsed_args.repair:
            self.parser.error('--yes means nothing without --repair')
        process.do_without_eventlet()
        app = application.Application(self.conf)
        try:
            outcomes = _outcomes(app, parsed_args)
        finally:
            app.close()
        if any(outcome == UNDECIDED for _finding, outcome in outcomes):
            _say('Some findings need a decision: use a terminal, or --yes.')
        if any(outcome != REPAIRED for _finding, outcome in outcomes):
            self.status = console.WRONG
        return self.columns, [_row(*one) for one in outcomes]


def _outcomes(
    app: application.Application, args: argparse.Namespace
) -> list[tuple[audit.Finding, str]]:
    tools = audit.Tools(
        database=app.database,
        hosts=app.hosts,
        api=app.aggregate_api,
        who=_nobody(),
    )
    return [
        (finding, _outcome(finding, args))
        for check in (*audit.checks(tools), *app.delivery.checks())
        for finding in check.find()
    ]


def _row(finding: audit.Finding, outcome: str) -> base.Row:
    return [
        finding.check,
        list(finding.aggregates),
        finding.subject,
        finding.detail,
        outcome,
    ]


def _outcome(finding: audit.Finding, args: argparse.Namespace) -> str:
    """Repair a finding if that is wanted; say what became of it."""
    if not args.repair:
        return FOUND
    if not finding.repairs:
        return LEFT
    if finding.sure or args.yes:
        return _apply(finding.repairs[0])
    if not sys.stdin.isatty():
        return UNDECIDED
    chosen = _ask(finding)
    return LEFT if chosen is None else _apply(chosen)


def _apply(repair: audit.Repair) -> str:
    try:
        repair.apply()
    except exception.AggextException as error:
        return f'not repaired: {error}'
    return REPAIRED


def _ask(finding: audit.Finding) -> audit.Repair | None:
    _say(f'{finding.check}: {finding.subject}: {finding.detail}')
    for number, repair in enumerate(finding.repairs, 1):
        _say(f'  {number}: {repair.text}')
    _say('  anything else: leave it as it is')
    answer = sys.stdin.readline().strip()
    answers = {
        str(number): repair for number, repair in enumerate(finding.repairs, 1)
    }
    return answers.get(answer)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _nobody() -> context.RequestContext:
    """Make the context of who has the configuration, and may do all."""
    return context.RequestContext(
        authorize=lambda *_: None, user_id=WHO, roles=['admin']
    )
