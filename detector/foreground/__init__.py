"""Class-free lasting foreground on pavement: goods, tables, heaps that no network has learned."""

from detector.foreground.settings import ForegroundSettings
from detector.foreground.static import StaticForeground

__all__ = ["ForegroundSettings", "StaticForeground"]
