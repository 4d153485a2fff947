# SPDX-License-Identifier: Apache-2.0
"""The groups of commands, one file a noun.

Each class is a command, listed in ``nova_aggext.cmd.manage`` or ``status``.
"""
