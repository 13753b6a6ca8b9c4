"""The words that mails have when nobody has written others."""

from collections.abc import Mapping
from typing import Final

from polycast.radio.mail.model import Words

EN: Final[Mapping[str, Words]] = {
    "account_created": Words(
        subject="Your radio account {{ username }}",
        body="Your account {{ username }} at {{ company_name }} is ready.\n\nYour panel: {{ panel_url }}\n",
    ),
    "password_reset": Words(
        subject="Set a new password",
        body="Somebody asked for a new password for this address. If it was you, open:\n\n{{ reset_url }}\n\n"
        "The link works for three days and once. If it was not you, do nothing.\n",
    ),
    "account_suspended": Words(
        subject="Your radio account {{ username }} is suspended",
        body="The account {{ username }} at {{ company_name }} is suspended. Nothing of it is on air; nothing is lost.\n",
    ),
    "account_unsuspended": Words(
        subject="Your radio account {{ username }} is active again",
        body="The account {{ username }} at {{ company_name }} is active again.\n",
    ),
    "account_deleted": Words(
        subject="Your radio account {{ username }} is deleted",
        body="The account {{ username }} at {{ company_name }} was deleted with everything in it.\n",
    ),
    "disk_limit": Words(
        subject="{{ username }}: disk space is running out",
        body="The account {{ username }} uses {{ used }} of {{ limit }} MB.\n",
    ),
    "traffic_limit": Words(
        subject="{{ username }}: traffic of this month",
        body="The account {{ username }} has used {{ used }} of {{ limit }} MB of this month's traffic. "
        "At the limit, listeners are turned away until the next month.\n",
    ),
    "listeners_limit": Words(
        subject="{{ username }}: as many listeners as there may be",
        body="The stations of {{ username }} have reached their {{ limit }} listeners; more are turned away.\n",
    ),
    "backup_done": Words(subject="{{ username }}: backup done", body="The backup of {{ username }} is ready.\n"),
    "backup_failed": Words(
        subject="{{ username }}: backup failed",
        body="The backup of {{ username }} could not be made. The account's events say why.\n",
    ),
    "restore_failed": Words(
        subject="{{ username }}: restore failed",
        body="The account {{ username }} could not be restored. The account's events say why.\n",
    ),
    "song_request": Words(
        subject="{{ station_name }}: a listener asks for a song",
        body="A listener of {{ station_name }} has asked for a song. You find it in your panel: {{ panel_url }}\n",
    ),
    "stream_down": Words(subject="{{ station_name }} is off air", body="The station {{ station_name }} is off air.\n"),
    "stream_up": Words(
        subject="{{ station_name }} is on air again", body="The station {{ station_name }} is on air again.\n"
    ),
    "test": Words(subject="Test", body="Mail from {{ company_name }} works.\n"),
}
DE: Final[Mapping[str, Words]] = {
    "account_created": Words(
        subject="Ihr Radio-Konto {{ username }}",
        body="Ihr Konto {{ username }} bei {{ company_name }} ist bereit.\n\nIhr Panel: {{ panel_url }}\n",
    ),
    "password_reset": Words(
        subject="Neues Passwort setzen",
        body="Jemand hat für diese Adresse ein neues Passwort angefordert. Wenn Sie das waren, öffnen Sie:\n\n"
        "{{ reset_url }}\n\nDer Link gilt drei Tage und einmal. Waren Sie es nicht, tun Sie nichts.\n",
    ),
    "account_suspended": Words(
        subject="Ihr Radio-Konto {{ username }} ist gesperrt",
        body="Das Konto {{ username }} bei {{ company_name }} ist gesperrt. Nichts davon wird gesendet; nichts geht verloren.\n",
    ),
    "account_unsuspended": Words(
        subject="Ihr Radio-Konto {{ username }} ist wieder aktiv",
        body="Das Konto {{ username }} bei {{ company_name }} ist wieder aktiv.\n",
    ),
    "account_deleted": Words(
        subject="Ihr Radio-Konto {{ username }} ist gelöscht",
        body="Das Konto {{ username }} bei {{ company_name }} wurde mit allem, was darin war, gelöscht.\n",
    ),
}
BUILTIN: Final[Mapping[str, Mapping[str, Words]]] = {"en": EN, "de": DE}
