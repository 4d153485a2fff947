# SPDX-License-Identifier: Apache-2.0
"""Elements of HTML and SVG. What writes them out escapes all texts."""

from xml.etree import ElementTree

Element = ElementTree.Element


def tag(
    name: str, attributes: dict[str, str], *children: Element | str | None
) -> Element:
    """Make an element; what is None is left out."""
    made = Element(name, attributes)
    for child in children:
        if isinstance(child, str):
            _append(made, child)
        elif child is not None:
            made.append(child)
    return made


def _append(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or '') + text
    else:
        parent.text = (parent.text or '') + text


def number(value: float) -> str:
    """Write a coordinate, as short as it can be told from others."""
    return f'{value:.2f}'.rstrip('0').rstrip('.')


def html(root: Element) -> str:
    """Write a whole document as HTML."""
    return '<!DOCTYPE html>\n' + ElementTree.tostring(
        root, encoding='unicode', method='html'
    )


def xml(root: Element) -> str:
    """Write a whole document as XML."""
    return ElementTree.tostring(root, encoding='unicode') + '\n'
