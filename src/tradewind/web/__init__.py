"""The built user interface, served as static files."""
