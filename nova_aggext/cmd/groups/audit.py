# SPDX-License-Identifier: Apache-2.0
"""``audit``: what should not be in the database, and its repair."""

import argparse
import sys

from oslo_config import cfg

from nova_aggext import application
from nova_aggext import context
from nova_aggext import exception
from nova_aggext.cmd import output
from nova_aggext.compute import audit

# To whom the repairs are put down.
WHO = 'nova-aggext-manage'
COLUMNS = ('check', 'aggregates', 'subject', 'detail', 'outcome')

FOUND = 'found'
REPAIRED = 'repaired'
LEFT = 'left'
UNDECIDED = 'undecided'


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the command."""
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
    output.add_format(parser)
    parser.set_defaults(run=_audit)


def _audit(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    if args.yes and not args.repair:
        _say('--yes means nothing without --repair')
        return 2
    app = application.Application(conf)
    try:
        tools = audit.Tools(
            database=app.database,
            hosts=app.hosts,
            api=app.aggregate_api,
            who=_nobody(),
        )
        outcomes = [
            (finding, _outcome(finding, args))
            for check in (*audit.checks(tools), *app.delivery.checks())
            for finding in check.find()
        ]
    finally:
        app.close()
    rows = [_row(finding, outcome) for finding, outcome in outcomes]
    print(output.render(COLUMNS, rows, args.format))
    if any(outcome == UNDECIDED for _finding, outcome in outcomes):
        _say('Some findings need a decision: use a terminal, or --yes.')
    done = all(outcome == REPAIRED for _finding, outcome in outcomes)
    return 0 if done else 1


def _row(finding: audit.Finding, outcome: str) -> list[object]:
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
