"""The portal of continuing education (НМО): REST with JSON."""
