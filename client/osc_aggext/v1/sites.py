# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate plan`` and ``openstack aggregate apply``."""

import argparse
import contextlib
from collections.abc import Iterator

from osc_lib import exceptions

from osc_aggext.console import drift
from osc_aggext.console import effects
from osc_aggext.sdk import change_records
from osc_aggext.sdk import errors
from osc_aggext.sdk import requests
from osc_aggext.site import loader
from osc_aggext.site import places
from osc_aggext.site import plans
from osc_aggext.v1 import base
from osc_aggext.v1 import files
from osc_aggext.v1 import writing

_FILE = 'What is wanted, as YAML'
# With --detailed-exitcode.
_CHANGES = 2


class _Site(writing.Shower):
    """A command on the file of a manager."""

    writes = True

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the file and the manager."""
        parser = super().get_parser(prog_name)
        writing.add_format(parser, '--format')
        parser.add_argument(
            '--manager',
            metavar='<manager>',
            help='Name of the manager that wants this',
        )
        parser.add_argument(
            '--prune',
            action='store_true',
            help='Delete aggregates that this manager made and that the file '
            'does not name any more, where they are empty',
        )
        parser.add_argument(
            '--force',
            action='store_true',
            help='Take what other managers claim',
        )
        return parser

    def load(self, parsed_args: argparse.Namespace) -> loader.Site:
        """Read the file.

        :raises CommandError: which tells of all that is wrong, and where
        """
        name = parsed_args.file
        try:
            site = loader.load(
                files.read(name), files.shown(name), self._known_hosts
            )
        except places.Invalid as error:
            raise exceptions.CommandError(str(error)) from error
        for warning in site.warnings:
            self.log.warning(warning)
        if parsed_args.prune:
            site.document['prune'] = True
        if parsed_args.force:
            site.document['force'] = True
        return site

    def plan(
        self, parsed_args: argparse.Namespace, site: loader.Site
    ) -> change_records.Change:
        """Plan a file, and show what would be done."""
        with _placed(files.shown(parsed_args.file), site):
            applied = self.client.plan_manager(
                parsed_args.manager, site.document
            )
        self.tell(parsed_args, applied.change)
        return applied.change

    def tell(
        self, parsed_args: argparse.Namespace, change: change_records.Change
    ) -> None:
        """Show a change, and who did what it undoes."""
        notes: effects.Notes = {}
        if parsed_args.format == 'text':
            notes = drift.notes(self.client, change.warnings)
        self.show(parsed_args, change, notes)

    def _known_hosts(self) -> Iterator[str]:
        for host in self.client.hosts(fields=['name', 'known']):
            if host.known is not False:
                yield host.name


class PlanSite(_Site):
    """Show what applying a file would change; nothing is changed."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take where to keep the plan, and how to end."""
        parser = super().get_parser(prog_name)
        files.add(parser, _FILE, required=True)
        parser.add_argument(
            '--out',
            metavar='<file>',
            help='Keep the plan in this file, for apply --plan',
        )
        parser.add_argument(
            '--detailed-exitcode',
            action='store_true',
            help='Exit status 0: nothing to change, 1: failed, 2: there is',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Plan it."""
        _require_manager(parsed_args)
        site = self.load(parsed_args)
        change = self.plan(parsed_args, site)
        if parsed_args.out:
            document: requests.Document = {
                **site.document,
                'expect_digest': change.digest,
            }
            plan = plans.Plan(parsed_args.manager, document, site.digest)
            files.write(parsed_args.out, plan.text())
        if parsed_args.detailed_exitcode and change.effects:
            return _CHANGES
        return 0


class ApplySite(_Site):
    """Let what a file says hold, as a whole or not at all."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the plan, and what all take that write."""
        parser = super().get_parser(prog_name)
        files.add(parser, _FILE, required=False)
        parser.add_argument(
            '--plan',
            metavar='<file>',
            help='Do exactly what this plan says, or nothing',
        )
        writing.add_record(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Apply it."""
        if parsed_args.plan is None:
            self._apply_file(parsed_args)
        else:
            self._apply_plan(parsed_args)

    def _apply_file(self, parsed_args: argparse.Namespace) -> None:
        if parsed_args.file is None:
            raise exceptions.CommandError('Name a file with -f, or a --plan.')
        _require_manager(parsed_args)
        site = self.load(parsed_args)
        if parsed_args.dry_run:
            self.plan(parsed_args, site)
            return
        _give_reason(parsed_args, site.document)
        with _placed(files.shown(parsed_args.file), site):
            applied = self.client.apply_manager(
                parsed_args.manager, site.document
            )
        self.tell(parsed_args, applied.change)

    def _apply_plan(self, parsed_args: argparse.Namespace) -> None:
        plan = self._plan_of(parsed_args)
        if parsed_args.dry_run:
            applied = self.client.plan_manager(plan.manager, plan.document)
        else:
            _give_reason(parsed_args, plan.document)
            applied = self.client.apply_manager(plan.manager, plan.document)
        self.tell(parsed_args, applied.change)

    def _plan_of(self, parsed_args: argparse.Namespace) -> plans.Plan:
        """Read a plan, which must be of what else is said.

        :raises CommandError: when it is none, or of something else
        """
        name = parsed_args.plan
        try:
            plan = plans.read(files.read(name))
        except ValueError as error:
            raise exceptions.CommandError(f'{name}: {error}') from error
        if parsed_args.manager not in (None, plan.manager):
            raise exceptions.CommandError(
                f'{name} is a plan of manager {plan.manager}.'
            )
        if parsed_args.prune or parsed_args.force:
            raise exceptions.CommandError(
                '--prune and --force are said when it is planned.'
            )
        if parsed_args.file is not None:
            site = self.load(parsed_args)
            if site.digest != plan.source:
                raise exceptions.CommandError(
                    f'{files.shown(parsed_args.file)} is not what was '
                    'planned any more. Plan again.'
                )
        return plan


def _require_manager(parsed_args: argparse.Namespace) -> None:
    if parsed_args.manager is None:
        raise exceptions.CommandError('Name the manager with --manager.')


def _give_reason(
    parsed_args: argparse.Namespace, document: requests.Document
) -> None:
    if parsed_args.reason is not None:
        document['reason'] = parsed_args.reason


@contextlib.contextmanager
def _placed(name: str, site: loader.Site) -> Iterator[None]:
    """Say where in a file it is what the server refuses."""
    try:
        yield
    except errors.Refused as error:
        lines = [f'{_at(name, site, one)}{one}' for one in error.problems]
        if error.more:
            lines.append(f'... and {error.more} more.')
        text = base.told(error, '\n'.join(lines), writes=True)
        raise exceptions.CommandError(text) from error


def _at(name: str, site: loader.Site, problem: errors.Problem) -> str:
    """Give the nearest place in a file of what is wrong, if it has one."""
    pointer = str(problem.members.get('path') or '')
    while pointer:
        place = site.places.get(pointer)
        if place is not None:
            return f'{name}:{place.line}:{place.column}: '
        pointer = pointer.rpartition('/')[0]
    return ''
