"""Declared options and the frozen Settings, read once from environment, file, command and secret.

``from tradewind.config.settings import Settings, load_settings``. Nothing here imports above ``model``.
"""
