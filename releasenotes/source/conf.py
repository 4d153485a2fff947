# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration of the release notes."""

project = 'nova-aggext release notes'
copyright = 'nova-aggext developers'

extensions = ['openstackdocstheme', 'reno.sphinxext']

# Release notes are of no single version.
version = ''
release = ''

openstackdocs_auto_name = False
openstackdocs_use_storyboard = False

html_theme = 'openstackdocs'

pygments_style = 'native'
