"""The dialect, put together."""

from typing import Final

from polycast.acquire.dialects.asked import heard
from polycast.acquire.dialects.gate import ADMIN, PUBLIC, READ, WRITE
from polycast.acquire.dialects.qbittorrent import changing
from polycast.acquire.dialects.qbittorrent.adding import BODY_BYTES, AddingTorrents
from polycast.acquire.dialects.qbittorrent.application import Application, Sync
from polycast.acquire.dialects.qbittorrent.changing import Changing
from polycast.acquire.dialects.qbittorrent.errors import spell
from polycast.acquire.dialects.qbittorrent.rooms import Rooms
from polycast.acquire.dialects.qbittorrent.signing import SigningIn
from polycast.acquire.dialects.qbittorrent.torrents import Torrents
from polycast.core.http import byte_dialect, byte_route
from polycast.core.http.dialects import ByteEndpoint, ByteRoute
from polycast.core.identity.caller import Policy
from polycast.core.module import Dialect, Slash

CLAIMS: Final = ("/api/v2/*", "/version/api", "/acquire/api/v2/*", "/acquire/version/api")
PREFIXES: Final = ("", "/acquire")
EITHER: Final = ("GET", "POST")  # clients read with both


def qbittorrent_dialect(rooms: Rooms) -> Dialect:
    """Everything below `/api/v2`, also below `/acquire`."""
    app = byte_dialect(list(_routes(rooms)), identity=rooms.gate, spell=spell, body_limit=1024 * 1024)
    return Dialect(
        name="acquire.qbittorrent", claims=CLAIMS, app=app, slash=Slash.EITHER, spell=spell, body_limit=BODY_BYTES
    )


def _routes(rooms: Rooms) -> list[ByteRoute]:
    table = [*_application(rooms), *_sync(rooms), *_reading(rooms), *_changing(rooms), *_labels(rooms)]
    signing, old = SigningIn(rooms), Application(rooms).old_version
    found = []
    for prefix in PREFIXES:
        base = f"{prefix}/api/v2"
        found += [
            byte_route(f"{prefix}/version/api", old, policy=PUBLIC),
            byte_route(f"{base}/auth/login", heard(signing.login), policy=PUBLIC, methods=["POST"]),
            byte_route(f"{base}/auth/logout", heard(signing.logout), policy=READ, methods=["POST"]),
            byte_route(
                f"{base}/torrents/add", AddingTorrents(rooms).add, policy=WRITE, methods=["POST"], body_limit=BODY_BYTES
            ),
        ]
        found += [
            byte_route(f"{base}/{path}", heard(endpoint), policy=policy, methods=methods)
            for path, endpoint, policy, methods in table
        ]
    return found


Row = tuple[str, ByteEndpoint, Policy, tuple[str, ...]]


def _application(rooms: Rooms) -> list[Row]:
    app = Application(rooms)
    return [
        ("app/version", app.version, READ, EITHER),
        ("app/webapiVersion", app.api_version, PUBLIC, EITHER),
        ("app/buildInfo", app.build, READ, EITHER),
        ("app/preferences", app.preferences, READ, EITHER),
        ("app/setPreferences", app.set_preferences, WRITE, ("POST",)),
        ("app/defaultSavePath", app.save_path, READ, EITHER),
        ("app/networkInterfaceList", app.nothing, READ, EITHER),
        ("app/networkInterfaceAddressList", app.nothing, READ, EITHER),
        ("app/getDirectoryContent", app.nothing, READ, EITHER),
        ("app/cookies", app.cookies, READ, EITHER),
        ("app/setCookies", app.done, WRITE, ("POST",)),
        ("app/sendTestEmail", app.done, WRITE, ("POST",)),
        ("app/shutdown", app.done, ADMIN, ("POST",)),
        ("log/main", app.log, READ, EITHER),
        ("log/peers", app.nothing, READ, EITHER),
    ]


def _sync(rooms: Rooms) -> list[Row]:
    sync, app = Sync(rooms), Application(rooms)
    return [
        ("sync/maindata", sync.maindata, READ, EITHER),
        ("sync/torrentPeers", sync.peers, READ, EITHER),
        ("transfer/info", sync.transfer, READ, EITHER),
        ("transfer/speedLimitsMode", sync.mode, READ, EITHER),
        ("transfer/toggleSpeedLimitsMode", sync.toggle_mode, WRITE, ("POST",)),
        ("transfer/setSpeedLimitsMode", sync.set_mode, WRITE, ("POST",)),
        ("transfer/downloadLimit", sync.limit_down, READ, EITHER),
        ("transfer/uploadLimit", sync.limit_up, READ, EITHER),
        ("transfer/setDownloadLimit", sync.set_limit_down, WRITE, ("POST",)),
        ("transfer/setUploadLimit", sync.set_limit_up, WRITE, ("POST",)),
        ("transfer/banPeers", app.done, WRITE, ("POST",)),
    ]


def _reading(rooms: Rooms) -> list[Row]:
    torrents = Torrents(rooms)
    reads = {
        "info": torrents.info,
        "count": torrents.count,
        "properties": torrents.properties,
        "files": torrents.files,
        "trackers": torrents.trackers,
        "webseeds": torrents.webseeds,
        "pieceStates": torrents.piece_states,
        "pieceHashes": torrents.piece_hashes,
        "export": torrents.export,
        "categories": torrents.categories,
        "tags": torrents.tags,
        "downloadLimit": torrents.limits_down,
        "uploadLimit": torrents.limits_up,
    }
    return [(f"torrents/{name}", endpoint, READ, EITHER) for name, endpoint in reads.items()]


def _changing(rooms: Rooms) -> list[Row]:
    own = Changing(rooms)
    by_get: dict[str, ByteEndpoint] = {
        "pause": own.pause,
        "stop": own.pause,
        "resume": own.resume,
        "start": own.resume,
        "recheck": own.recheck,
    }
    by_post: dict[str, ByteEndpoint] = {
        "delete": own.delete,
        "reannounce": own.nothing,
        "addPeers": own.nothing,
        "topPrio": own.prioritise("top"),
        "bottomPrio": own.prioritise("bottom"),
        "increasePrio": own.prioritise("up"),
        "decreasePrio": own.prioritise("down"),
        "setForceStart": own.force,
        "setShareLimits": own.client(changing.share_limits),
        "setDownloadLimit": own.client(changing.download_limit),
        "setUploadLimit": own.client(changing.upload_limit),
        "toggleSequentialDownload": own.client(changing.sequential),
        "toggleFirstLastPiecePrio": own.client(changing.first_last),
        "setSuperSeeding": own.client(changing.super_seeding),
        "setAutoManagement": own.client(changing.auto_management),
        "setLocation": own.move,
        "setSavePath": own.move,
        "setDownloadPath": own.download_path,
        "rename": own.rename,
        "renameFile": own.rename_file,
        "renameFolder": own.rename_folder,
        "filePrio": own.file_priority,
        "addTrackers": own.add_trackers,
        "editTracker": own.edit_tracker,
        "removeTrackers": own.remove_trackers,
    }
    return [
        *((f"torrents/{name}", endpoint, WRITE, EITHER) for name, endpoint in by_get.items()),
        *((f"torrents/{name}", endpoint, WRITE, ("POST",)) for name, endpoint in by_post.items()),
    ]


def _labels(rooms: Rooms) -> list[Row]:
    own = Changing(rooms)
    changes: dict[str, ByteEndpoint] = {
        "setCategory": own.set_category,
        "createCategory": own.create_category,
        "editCategory": own.edit_category,
        "removeCategories": own.remove_categories,
        "createTags": own.create_tags,
        "deleteTags": own.delete_tags,
        "addTags": own.add_tags,
        "removeTags": own.remove_tags,
    }
    return [(f"torrents/{name}", endpoint, WRITE, ("POST",)) for name, endpoint in changes.items()]
