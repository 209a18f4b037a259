"""A provider package that brings one thing of each kind; support/tryout_wheel.py makes a wheel of this folder."""

__version__ = "1.2.3"
