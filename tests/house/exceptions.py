"""Where a rule of the house does not hold, and why. An entry that excuses nothing fails the check."""

DOOR = "the front door: whatever a dialect lets through becomes a 500 and one line in the log"
RUNNER = "a runner: what one job, daemon or listener raises is told there and stops nobody else"

PAIR = "talks over a socket pair with its own confined child, which can make no other socket"

DRIVER = "PostgreSQL's driver costs every process 9 MB; most servers never need it"

# (rule, where): reason
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("broad_except", "front/app.py"): DOOR,
    ("broad_except", "front/status.py"): "asks every module how it is; one that fails is a line of its own",
    ("broad_except", "core/daemons.py"): RUNNER,
    ("broad_except", "core/events/delivery.py"): RUNNER,
    ("broad_except", "core/events/here.py"): RUNNER,
    ("broad_except", "core/jobs/running.py"): RUNNER,
    ("broad_except", "core/processes/supervisor.py"): RUNNER,
    ("broad_except", "radio/engine/guarding.py"): RUNNER,
    ("inner_import", "core/storage/opening.py"): DRIVER,
    ("inner_import", "core/house.py"): DRIVER,
    ("sql_room", "maintenance.py"): "asks the driver for its version",
    ("sql_room", "core/house.py"): "names the type of the tables that it hands to storage",
    ("web_room", "core/files/ranges.py"): "names ASGI's types; a file answer is an ASGI app",
    ("secret_room", "core/files/ranges.py"): "draws the boundary of a multipart answer",
    ("socket_room", "core/messengers/child.py"): PAIR,
    ("socket_room", "core/messengers/frames.py"): PAIR,
    ("socket_room", "core/messengers/service.py"): PAIR,
    ("socket_room", "app.py"): "names the type of the sockets that core/net opened",
    ("socket_room", "cli.py"): "names the type of the sockets that core/net opened",
    ("socket_room", "front/serve.py"): "names the type of the sockets that core/net opened",
}
