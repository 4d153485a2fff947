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
