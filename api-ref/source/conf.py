# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration of the API reference."""

project = 'nova-aggext API reference'
copyright = 'nova-aggext developers'

extensions = ['openstackdocstheme', 'os_api_ref']

openstackdocs_auto_name = False
openstackdocs_use_storyboard = False

html_theme = 'openstackdocs'
html_theme_options = {'sidebar_mode': 'toc'}

pygments_style = 'native'
