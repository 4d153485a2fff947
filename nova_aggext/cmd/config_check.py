# SPDX-License-Identifier: Apache-2.0
"""What is wrong in a configuration: values, and names of options."""

from collections.abc import Iterator
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import plugins

# Whose options are read here: the entry points of ``oslo.config.opts``.
NAMESPACES = (
    'nova_aggext',
    'nova_aggext.glance',
    'nova_aggext.placement',
    'oslo.cache',
    'oslo.messaging',
    'keystonemiddleware.auth_token',
    'oslo.log',
    'oslo.middleware.cors',
    'oslo.middleware.http_proxy_to_wsgi',
    'oslo.middleware.sizelimit',
    'oslo.policy',
)
# Groups that begin with this are ours, or meant to be.
OURS = 'aggext'

Known = list[tuple[str, cfg.Opt]]


def unreadable(files: Sequence[str], dirs: Sequence[str] = ()) -> list[str]:
    """Name every option whose value cannot be read, and say why.

    A value that is a secret is not told.

    :param files: see ``conf.Sources``
    :param dirs: see ``conf.Sources``
    """
    # Read first, so that no option is demanded that a plugin needs which
    # nobody has chosen.
    conf = _read(files, dirs)
    options = _options()
    for group, option in options:
        conf.register_opt(option, group=_registered(group))
    return [
        f'[{group}] {option.name}: {why}.'
        for group, option in options
        if (why := _why_unreadable(conf, group, option)) is not None
    ]


def unknown(files: Sequence[str], dirs: Sequence[str] = ()) -> list[str]:
    """Name every option in a group of ours that is none of ours.

    :param files: see ``conf.Sources``
    :param dirs: see ``conf.Sources``
    """
    names: dict[str, set[str]] = {}
    for group, option in _options():
        names.setdefault(group, set()).update((option.name, option.dest))
    found: dict[str, None] = {}
    for section, option_name in _written(_read(files, dirs)):
        group = section.lower()
        if not group.startswith(OURS):
            continue
        if group not in names:
            found[f'There is no group [{section}].'] = None
        elif option_name not in names[group]:
            found[f'[{section}] has no option {option_name}.'] = None
    return list(found)


def _options() -> Known:
    """Give every option that anything here reads, with its group."""
    listed = plugins.load('oslo.config.opts', NAMESPACES)
    return [
        (getattr(group, 'name', group) or 'DEFAULT', option)
        for groups in listed.values()
        for group, options in groups
        for option in options
    ]


def _registered(group: str) -> str | None:
    return None if group == 'DEFAULT' else group


def _why_unreadable(
    conf: cfg.ConfigOpts, group: str, option: cfg.Opt
) -> str | None:
    try:
        (conf if group == 'DEFAULT' else conf[group])[option.dest]
    except (cfg.Error, ValueError) as error:
        if option.secret:
            return 'the value cannot be read'
        return str(error).rpartition(' is not valid: ')[2]
    return None


def _read(files: Sequence[str], dirs: Sequence[str]) -> cfg.ConfigOpts:
    """Read a configuration of which no option is known yet."""
    return aggext_conf.load(files, dirs, register=lambda _conf: None)


def _written(conf: cfg.ConfigOpts) -> Iterator[tuple[str, str]]:
    """Give every option that was read, with its group."""
    for path in aggext_conf.files(conf):
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(str(path), sections).parse()
        for section, options in sections.items():
            for name in options:
                yield section, name
