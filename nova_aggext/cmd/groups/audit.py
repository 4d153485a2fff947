# SPDX-License-Identifier: Apache-2.0
"""``audit``: what should not be in the database, and its repair."""

import argparse
import logging
import sys
from collections.abc import Iterator

from nova_aggext import context
from nova_aggext import exception
from nova_aggext import services
from nova_aggext.cmd import console
from nova_aggext.cmd import process
from nova_aggext.cmd import progress
from nova_aggext.cmd.groups import base
from nova_aggext.compute import audit
from nova_aggext.db import changes

COLUMNS = ('check', 'aggregates', 'subject', 'detail', 'outcome')

FOUND = 'found'
REPAIRED = 'repaired'
LEFT = 'left'
UNDECIDED = 'undecided'
NOT_CHECKED = 'not checked'
INTERRUPTED = 'interrupted'

LOG = logging.getLogger(__name__)


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
        made = services.Services(self.conf)
        made.log_sources()
        outcomes = []
        try:
            checks = _checks(made)
            for check in checks:
                for one in _outcomes(check, parsed_args):
                    outcomes.append(one)
        except KeyboardInterrupt:
            # What was repaired is told all the same.
            console.say(self.app.NAME, 'interrupted')
            self.status = console.INTERRUPTED
            return self.columns, [_row(*one) for one in outcomes]
        finally:
            made.close()
        if any(outcome == UNDECIDED for _finding, outcome in outcomes):
            _say('Some findings need a decision: use a terminal, or --yes.')
        if any(outcome != REPAIRED for _finding, outcome in outcomes):
            self.status = console.WRONG
        if not outcomes:
            _say(f'No findings ({len(checks)} checks).')
        return self.columns, [_row(*one) for one in outcomes]


def _checks(made: services.Services) -> list[audit.Check]:
    tools = audit.Tools(
        database=made.database,
        hosts=made.hosts,
        api=made.aggregate_api,
        who=_nobody(),
    )
    return [*audit.checks(tools), *made.delivery.checks()]


def _outcomes(
    check: audit.Check, args: argparse.Namespace
) -> Iterator[tuple[audit.Finding, str]]:
    """Find and repair; what cannot be checked is a finding as well.

    Whatever goes wrong in one check must not hide what others found, nor what
    was repaired.
    """
    try:
        with progress.bar(f'check: {check.name}') as bar:
            found = check.find(bar.update)
    except Exception as error:
        reason = _reason(error)
        _say(f'Not checked: {check.name}: {reason}')
        yield audit.Finding(check.name, (), '', reason), NOT_CHECKED
        return
    with progress.bar(f'repair: {check.name}', len(found)) as bar:
        for finding in found:
            if _needs_answer(finding, args):
                bar.clear()
            try:
                outcome = _outcome(finding, args)
            except KeyboardInterrupt:
                yield finding, INTERRUPTED
                raise
            yield finding, outcome
            bar.update()


def _reason(error: Exception) -> str:
    if isinstance(error, exception.AggextException):
        return str(error)
    # What nobody foresaw may say anything, such as a password.
    LOG.debug('A check or a repair failed', exc_info=error)
    return type(error).__name__


def _row(finding: audit.Finding, outcome: str) -> base.Row:
    return [
        finding.check,
        list(finding.aggregates),
        finding.subject,
        finding.detail,
        outcome,
    ]


def _needs_answer(finding: audit.Finding, args: argparse.Namespace) -> bool:
    decided = finding.sure or args.yes or not finding.repairs
    return args.repair and not decided


def _outcome(finding: audit.Finding, args: argparse.Namespace) -> str:
    """Repair a finding if that is wanted; say what became of it."""
    if not args.repair:
        return FOUND
    if not finding.repairs:
        return LEFT
    if not _needs_answer(finding, args):
        return _apply(finding.repairs[0])
    if not sys.stdin.isatty():
        return UNDECIDED
    chosen = _ask(finding)
    return LEFT if chosen is None else _apply(chosen)


def _apply(repair: audit.Repair) -> str:
    try:
        repair.apply()
    except Exception as error:
        return f'not repaired: {_reason(error)}'
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
        policy=context.Unrestricted,
        user_id=changes.REPAIRER,
        roles=['admin'],
    )
