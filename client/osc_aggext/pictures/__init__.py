# SPDX-License-Identifier: Apache-2.0
"""Pictures of a cloud's host aggregates.

Each format is one pure function of a :class:`model.Cloud`: it asks nobody,
reads no clock and writes nothing.
"""
