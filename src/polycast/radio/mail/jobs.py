"""Jobs of the mail room."""

from datetime import timedelta

from polycast.core.jobs import Job, Lane, Retry
from polycast.radio.mail.service import MailRoom, SendLetter


def jobs(mail: MailRoom) -> list[Job]:
    """Sending; a server that is down is tried again for a day."""
    return [
        Job(
            name="radio.send_letter",
            payload=SendLetter,
            run=mail.send,
            lane=Lane.QUICK,
            one_per="mail_id",
            timeout=timedelta(minutes=2),
            retry=Retry(attempts=300, longest_wait=timedelta(minutes=5)),
            title="Send a mail",
        )
    ]
