# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration of the documentation."""

project = 'nova-aggext'
copyright = 'nova-aggext developers'

extensions = [
    'openstackdocstheme',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
]

# No link to a hosted repository or bug tracker is made up.
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False

html_theme = 'openstackdocs'
html_theme_options = {'display_global_toc_section': True}

pygments_style = 'native'
highlight_language = 'none'

# The pages of the commands are their man pages too.
_COMMANDS = {
    'nova-aggext-api': 'serves the host aggregates of OpenStack',
    'nova-aggext-manage': 'tables, hosts, changes, audit, outbox',
    'nova-aggext-relay': 'tells others of changes of host aggregates',
    'nova-aggext-status': 'checks an installation of nova-aggext',
}
man_pages = [
    (f'cli/{name}', name, text, [], 1) for name, text in _COMMANDS.items()
]
