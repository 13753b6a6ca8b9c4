"""Notifications in the app."""

from polycast.core.notify.model import Level, Notification, NotificationAdded
from polycast.core.notify.service import Notify

__all__ = ["Level", "Notification", "NotificationAdded", "Notify"]
