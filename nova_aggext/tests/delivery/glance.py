# SPDX-License-Identifier: Apache-2.0
"""An image service with a few images."""

from nova_aggext.tests.delivery import proxy

IMAGES = {
    'image1': '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    'image2': '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b02',
}
UNKNOWN = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6bff'


class Glance(proxy.Server):
    """Knows ``IMAGES``, whoever asks."""

    def answer(self, call: proxy.Call) -> tuple[int, str, bytes]:
        """Show an image."""
        _, _, image_id = call.path.rpartition('/')
        if call.path.startswith('/v2/images/') and image_id in IMAGES.values():
            text = f'{{"id": "{image_id}", "status": "active"}}'
            return 200, 'application/json', text.encode()
        return 404, 'text/html', b'<html><body>404</body></html>'
