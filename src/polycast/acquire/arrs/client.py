"""Calls of an Arr's API."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from polycast.acquire.arrs import wire
from polycast.acquire.arrs.model import Arr
from polycast.core.net import API, Body, Net, Trust

T = TypeVar("T")
QUICK: Final = replace(API, first_byte=timedelta(seconds=10), total=timedelta(seconds=30), attempts=2)
QUEUE_PAGE: Final = 200
QUEUE_PAGES: Final = 20
SEARCHED_AT_ONCE: Final = 50


class ArrClient:
    """One Arr, asked in its own words. Raises what `core/net` raises."""

    def __init__(self, arr: Arr, net: Net) -> None:
        self.arr = arr
        self._net = net.client(Trust.SOURCE, owner=f"acquire.arr.{arr.name}", limits=QUICK)
        self._headers = {"X-Api-Key": arr.token}

    async def status(self) -> wire.Status:
        return await self._get("/system/status", wire.Status)

    async def refresh(self) -> None:
        """Look at the download clients now."""
        await self.command({"name": "RefreshMonitoredDownloads"})

    async def command(self, body: Mapping[str, Any]) -> None:
        await self._send("POST", "/command", body)

    async def queue(self) -> list[wire.QueueItem]:
        """Everything it waits for."""
        found: list[wire.QueueItem] = []
        for page in range(1, QUEUE_PAGES + 1):
            params = {"page": str(page), "pageSize": str(QUEUE_PAGE), "includeUnknownSeriesItems": "true"}
            answer = await self._get("/queue", wire.QueuePage, params)
            found += answer.records
            if len(found) >= answer.total_records or not answer.records:
                break
        return found

    async def drop_from_queue(self, ids: Sequence[int], *, blocklist: bool, searches: bool) -> None:
        params = {
            "removeFromClient": "true",
            "blocklist": _word(blocklist),
            "skipRedownload": _word(not searches),
            "changeCategory": "false",
        }
        await self._send("DELETE", "/queue/bulk", {"ids": sorted(set(ids))}, params)

    async def candidates(self, download_id: str) -> list[wire.Candidate]:
        params = {"downloadId": download_id, "filterExistingFiles": "false"}
        return await self._get("/manualimport", list[wire.Candidate], params)

    async def import_now(self, found: Sequence[wire.Candidate], download_id: str) -> None:
        """Import files although the Arr would rather be asked."""
        files = [_import_file(one, download_id) for one in found]
        await self.command({"name": "ManualImport", "importMode": "copy", "files": files})

    async def clients(self) -> list[wire.DownloadClient]:
        return await self._get("/downloadclient", list[wire.DownloadClient])

    async def mappings(self) -> list[wire.Mapping]:
        return await self._get("/remotepathmapping", list[wire.Mapping])

    async def sees(self, path: str) -> list[wire.FileSeen]:
        """Video files that it finds below `path`; none when the path does not exist for it."""
        return await self._get("/filesystem/mediafiles", list[wire.FileSeen], {"path": path})

    async def grabs(self, *, episode_id: int = 0, movie_id: int = 0) -> list[wire.Grab]:
        """What was grabbed for an episode or a film, the newest first."""
        params = {
            "page": "1",
            "pageSize": "50",
            "sortKey": "date",
            "sortDirection": "descending",
            "eventType": "1",
            **({"episodeId": str(episode_id)} if episode_id else {"movieIds": str(movie_id)}),
        }
        return (await self._get("/history", wire.History, params)).records

    async def mark_failed(self, grab_id: int) -> None:
        """Blocklist a grab; the Arr searches again by itself."""
        await self._send("POST", f"/history/failed/{grab_id}", {})

    async def series(self) -> list[wire.Series]:
        return await self._get("/series", list[wire.Series])

    async def episode_files(self, series_id: int) -> list[wire.MediaFile]:
        return await self._get("/episodefile", list[wire.MediaFile], {"seriesId": str(series_id)})

    async def episodes(self, series_id: int) -> list[wire.Episode]:
        return await self._get("/episode", list[wire.Episode], {"seriesId": str(series_id)})

    async def movies(self) -> list[wire.Movie]:
        return await self._get("/movie", list[wire.Movie])

    async def delete_files(self, ids: Sequence[int], *, movies: bool) -> None:
        """Unique ids: one that is there twice fails the whole call."""
        path, name = ("/moviefile/bulk", "movieFileIds") if movies else ("/episodefile/bulk", "episodeFileIds")
        await self._send("DELETE", path, {name: sorted(set(ids))})

    async def search(self, *, episode_ids: Sequence[int] = (), movie_ids: Sequence[int] = ()) -> None:
        """In batches; Sonarr one after the other, because its database locks."""
        for ids, name, field in (
            (sorted(set(episode_ids)), "EpisodeSearch", "episodeIds"),
            (sorted(set(movie_ids)), "MoviesSearch", "movieIds"),
        ):
            for at in range(0, len(ids), SEARCHED_AT_ONCE):
                await self.command({"name": name, field: ids[at : at + SEARCHED_AT_ONCE]})

    async def _get(self, path: str, kind: type[T], params: Mapping[str, str] | None = None) -> T:
        url = self.arr.host.rstrip("/") + self.arr.api + path
        return await self._net.json("GET", url, type=kind, params=params, headers=self._headers, strict=False)

    async def _send(
        self, method: str, path: str, json: Mapping[str, Any], params: Mapping[str, str] | None = None
    ) -> None:
        url = self.arr.host.rstrip("/") + self.arr.api + path
        body = Body(json=dict(json))
        await self._net.json(method, url, type=Any, params=params, headers=self._headers, body=body, strict=False)


def _import_file(found: wire.Candidate, download_id: str) -> dict[str, Any]:
    whose: dict[str, Any] = {"movieId": found.movie.id} if found.movie else {}
    if found.series:
        whose = {"seriesId": found.series.id, "episodeIds": [episode.id for episode in found.episodes]}
    return {
        "path": found.path,
        "folderName": found.folder_name,
        **whose,
        "quality": found.quality,
        "languages": found.languages,
        "releaseGroup": found.release_group,
        "indexerFlags": found.indexer_flags,
        "releaseType": found.release_type,
        "downloadId": download_id,
    }


def _word(flag: bool) -> str:
    return "true" if flag else "false"
