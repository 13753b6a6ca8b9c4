"""One file that is taken in below a folder of an account."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from polycast.core.errors import Invalid, Problem
from polycast.radio.accounts.model import MB, Account
from polycast.radio.library.model import LARGEST
from polycast.radio.library.placing import PART, create, finish, remove


class Place:
    """Where a file goes: a folder, and a name below it."""

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self.name = name

    @property
    def path(self) -> Path:
        return self._root / self.name

    @staticmethod
    def left(account: Account) -> int:
        """Bytes that the account may still use."""
        limit = account.limits.limit_du
        return max(limit * MB - account.du_bytes, 0) if limit else LARGEST

    async def receive(self, chunks: AsyncIterator[bytes], *, most: int) -> int:
        """The bytes, whole or not at all; how many. Raises: Invalid ("disk_quota_exceeded", "empty")."""
        size = 0
        part = await asyncio.to_thread(create, self._root, self.name)
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    code = "disk_quota_exceeded" if most < LARGEST else "too_large"
                    raise Invalid([Problem("non_field_errors", code)])
                await asyncio.to_thread(part.write, chunk)
            if size == 0:
                raise Invalid([Problem("filename", "empty")])
            await asyncio.to_thread(finish, part, self.path)
        finally:
            part.close()
            await asyncio.to_thread(Path(f"{self.path}{PART}").unlink, True)
        return size

    async def remove(self) -> int:
        """The size of what is gone now."""
        return await asyncio.to_thread(remove, self._root, self.name)
