# SPDX-License-Identifier: Apache-2.0
"""The groups of commands of nova-aggext-manage, one file a noun.

Each ``add`` declares the commands of its group. A command prints what it has
to say and gives its exit status.
"""
