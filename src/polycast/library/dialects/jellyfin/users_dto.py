"""People as Jellyfin shows them, whole: apps decode these strictly."""

from typing import Any, Final

from polycast.core.identity.scopes import Scope
from polycast.core.identity.users.model import User
from polycast.library.dialects.jellyfin.asked import plain_id
from polycast.library.dialects.jellyfin.names import id_of, moment, without_none
from polycast.library.playback.store_browse import Device

PROVIDER = "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider"
RESET = "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider"


def user_dto(user: User, server_id: str) -> dict[str, Any]:
    return without_none(
        {
            "Name": user.username,
            "ServerId": server_id,
            "Id": plain_id(user.uuid),
            "HasPassword": user.has_password,
            "HasConfiguredPassword": user.has_password,
            "HasConfiguredEasyPassword": False,
            "EnableAutoLogin": False,
            "LastLoginDate": moment(user.last_sign_in_at),
            "LastActivityDate": moment(user.last_sign_in_at),
            "Configuration": {
                "PlayDefaultAudioTrack": True,
                "SubtitleLanguagePreference": "",
                "DisplayMissingEpisodes": False,
                "GroupedFolders": [],
                "SubtitleMode": "Default",
                "DisplayCollectionsView": False,
                "EnableLocalPassword": False,
                "OrderedViews": [],
                "LatestItemsExcludes": [],
                "MyMediaExcludes": [],
                "HidePlayedInLatest": True,
                "RememberAudioSelections": True,
                "RememberSubtitleSelections": True,
                "EnableNextEpisodeAutoPlay": True,
                "CastReceiverId": "",
            },
            "Policy": policy_dto(user),
        }
    )


ALLOWED: Final = [
    "EnableUserPreferenceAccess",
    "EnableRemoteAccess",
    "EnableMediaPlayback",
    "EnableAudioPlaybackTranscoding",
    "EnableVideoPlaybackTranscoding",
    "EnablePlaybackRemuxing",
    "EnableContentDownloading",
    "EnableAllDevices",
    "EnableAllChannels",
    "EnableAllFolders",
    "EnableSyncTranscoding",
    "EnableMediaConversion",
]
REFUSED: Final = [
    "IsHidden",
    "EnableCollectionManagement",
    "EnableSubtitleManagement",
    "EnableLyricManagement",
    "EnableLiveTvManagement",
    "EnableLiveTvAccess",
    "ForceRemoteSourceTranscoding",
    "EnableContentDeletion",
    "EnablePublicSharing",
]
LISTS: Final = [
    "BlockedTags",
    "AllowedTags",
    "AccessSchedules",
    "BlockUnratedItems",
    "EnableContentDeletionFromFolders",
    "EnabledDevices",
    "EnabledChannels",
    "EnabledFolders",
    "BlockedMediaFolders",
    "BlockedChannels",
]


def policy_dto(user: User) -> dict[str, Any]:
    """What somebody may, in full."""
    is_admin = Scope.LIBRARY_ADMIN in user.scopes
    return {
        "IsAdministrator": is_admin,
        "IsDisabled": not user.is_active,
        "EnableRemoteControlOfOtherUsers": is_admin,
        "EnableSharedDeviceControl": True,
        **dict.fromkeys(ALLOWED, True),
        **dict.fromkeys(REFUSED, False),
        "InvalidLoginAttemptCount": 0,
        "LoginAttemptsBeforeLockout": -1,
        "MaxActiveSessions": 0,
        **{name: [] for name in LISTS},
        "RemoteClientBitrateLimit": 0,
        "AuthenticationProviderId": PROVIDER,
        "PasswordResetProviderId": RESET,
        "SyncPlayAccess": "None",
    }


def session_dto(device: Device, user: User, server_id: str, *, now: dict[str, Any] | None = None) -> dict[str, Any]:
    """A client that is signed in; `now` is what it plays."""
    abilities = {
        "PlayableMediaTypes": device.capabilities.get("playablemediatypes") or [],
        "SupportedCommands": device.capabilities.get("supportedcommands") or [],
    }
    takes_orders = bool(device.capabilities.get("supportsmediacontrol"))
    found: dict[str, Any] = {
        "Id": id_of(device.nanoid),
        "UserId": plain_id(user.uuid),
        "UserName": user.username,
        "Client": device.client,
        "DeviceName": device.device,
        "DeviceId": device.device_id,
        "ApplicationVersion": device.version,
        "ServerId": server_id,
        "LastActivityDate": moment(device.seen_at),
        "IsActive": True,
        "SupportsMediaControl": takes_orders,
        "SupportsRemoteControl": takes_orders,
        "HasCustomDeviceName": False,
        "AdditionalUsers": [],
        **abilities,
        "NowPlayingQueue": [],
        "Capabilities": abilities | {"SupportsMediaControl": takes_orders, "SupportsPersistentIdentifier": True},
        "PlayState": {
            "CanSeek": False,
            "IsPaused": False,
            "IsMuted": False,
            "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default",
        },
    }
    return found | (now or {})
