"""Third parties: plugin discovery, provider packages, secrets back ends, the plugin host."""
