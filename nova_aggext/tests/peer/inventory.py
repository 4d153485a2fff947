# SPDX-License-Identifier: Apache-2.0
"""Compute hosts and instances by SQL, in the databases of a Nova.

Facts: DATABASE, section 2. No compute service runs: the API only reads rows.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
import uuid

from nova_aggext.tests.peer import databases

# The version of the compute services of the Nova under test; it does not
# start beside ones that are too old.
SERVICE_VERSION = 74

_MAPPING = """
INSERT INTO host_mappings (created_at, cell_id, host)
SELECT now(), id, :host FROM cell_mappings WHERE name = :cell
"""
_SERVICE = """
INSERT INTO services (created_at, host, `binary`, topic, report_count,
    disabled, deleted, forced_down, version, uuid, last_seen_up)
VALUES (now(), :host, 'nova-compute', 'compute', 1, 0, 0, 0, :version,
    :uuid, now())
"""
_NODE = """
INSERT INTO compute_nodes (created_at, host, hypervisor_hostname, vcpus,
    memory_mb, local_gb, vcpus_used, memory_mb_used, local_gb_used,
    hypervisor_type, hypervisor_version, cpu_info, deleted, uuid, mapped,
    ram_allocation_ratio, cpu_allocation_ratio, disk_allocation_ratio,
    free_ram_mb, free_disk_gb, current_workload, running_vms, host_ip)
VALUES (now(), :host, :node, 8, 8192, 100, 0, 0, 0, 'QEMU', 1, '{}', 0,
    :uuid, 1, 1, 4, 1, 8192, 100, 0, 0, '127.0.0.1')
"""
_INSTANCE = """
INSERT INTO instances (created_at, uuid, host, node, project_id, user_id,
    vm_state, power_state, deleted, memory_mb, vcpus, root_gb, ephemeral_gb,
    hostname, display_name, launch_index, reservation_id, cleaned, hidden,
    instance_type_id, locked, progress)
VALUES (now(), :uuid, :host, :host, 'case', 'case', :vm_state, 1, 0, 64, 1,
    1, 0, 'case', 'case', 0, 'r-case', 0, 0, 1, 0, 0)
"""
_DELETE_INSTANCE = """
UPDATE instances SET deleted = id, deleted_at = now() WHERE uuid = :uuid
"""
_AGGREGATE_TABLES = ('aggregate_hosts', 'aggregate_metadata', 'aggregates')


class Inventory:
    """The hosts of a Nova; also an inventory of the recorded cases."""

    def __init__(self, made: databases.Databases) -> None:
        self._databases = made

    def add_host(
        self,
        host: str,
        *,
        mapping: bool = True,
        service: bool = True,
        compute_node: bool = True,
        cell: str = 'cell1',
        part: str = databases.CELL1,
        nodes: Iterable[str] = (),
    ) -> None:
        """Make the records of a host, each unless it is to be missing.

        :param cell: the name of the cell it is mapped to
        :param part: the database its service and nodes are in
        :param nodes: names of nodes beyond the one named as the host
        """
        if mapping:
            self._run(databases.API, _MAPPING, host=host, cell=cell)
        if service:
            version = SERVICE_VERSION
            self._run(part, _SERVICE, host=host, version=version, uuid=_uuid())
        for node in [host, *nodes] if compute_node else []:
            self._run(part, _NODE, host=host, node=node, uuid=_uuid())

    def add_instances(
        self,
        host: str,
        count: int = 1,
        *,
        deleted: bool = False,
        vm_state: str = 'active',
        part: str = databases.CELL1,
    ) -> None:
        """Put instances on a host."""
        for _ in range(count):
            key = _uuid()
            values = {'uuid': key, 'host': host, 'vm_state': vm_state}
            self._run(part, _INSTANCE, **values)
            if deleted:
                self._run(part, _DELETE_INSTANCE, uuid=key)

    def remove_host(self, host: str, part: str = databases.CELL1) -> None:
        """Remove the records of a host, and its instances."""
        self._delete(databases.API, 'host_mappings', host)
        self._delete(part, 'services', host)
        self._delete(part, 'compute_nodes', host)
        self._delete(part, 'instances', host)

    def reset(self) -> None:
        """Remove every aggregate."""
        for table in _AGGREGATE_TABLES:
            self._run(databases.API, f'DELETE FROM {table}')

    def setup(
        self, hosts: Iterable[Any], instances: Mapping[str, Any]
    ) -> list[str]:
        """Make the hosts of a case; return their names."""
        made = [{'host': h} if isinstance(h, str) else h for h in hosts]
        for each in made:
            self.remove_host(each['host'])
            self.add_host(**each)
        for host, told in instances.items():
            what = {'count': told} if isinstance(told, int) else told
            self.add_instances(host, **what)
        return [each['host'] for each in made]

    def op(self, made: list[str], what: Mapping[str, Any]) -> None:
        """Change the world as a step of a case says."""
        host = what['host']
        if what['op'] == 'drop_host':
            self._delete(databases.API, 'host_mappings', host)
            self._delete(databases.CELL1, 'services', host)
            self._delete(databases.CELL1, 'compute_nodes', host)
        elif what['op'] == 'drop_compute_node':
            self._delete(databases.CELL1, 'compute_nodes', host)
        elif what['op'] == 'add_instances':
            self.add_instances(host, what.get('count', 1))
        elif what['op'] == 'remove_instances':
            self._delete(databases.CELL1, 'instances', host)
        else:
            raise ValueError(f'unknown operation {what["op"]!r}')

    def teardown(self, made: list[str]) -> None:
        """Remove the hosts of a case."""
        for host in made:
            self.remove_host(host)

    def _delete(self, part: str, table: str, host: str) -> None:
        self._run(part, f'DELETE FROM {table} WHERE host = :host', host=host)

    def _run(self, part: str, statement: str, **values: object) -> None:
        self._databases.execute(part, statement, **values)


def _uuid() -> str:
    return str(uuid.uuid4())
