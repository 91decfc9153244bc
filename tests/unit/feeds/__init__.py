"""Made-up senders and bridges, without a server."""
