"""Inside a media child: foreign pictures, judged by their first bytes and size, then written anew."""

import io
import os
import warnings
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from polycast.core.media.model import Failed, ResizeAnswer, ResizeAsk

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "ICO", "BMP", "AVIF")
QUALITY: Final = 85


def shrink(ask: ResizeAsk, source: int, target: int) -> ResizeAnswer | Failed:
    """Decode, turn upright, scale down (never up), and encode: WebP with transparency, JPEG without."""
    try:
        with os.fdopen(os.dup(source), "rb") as file, Image.open(file, formats=FORMATS) as opened:
            if opened.width * opened.height > ask.limit_pixels:
                return Failed("the picture has too many pixels")
            if opened.format == "JPEG" and ask.width:
                opened.draft("RGB", (ask.width * 2, (ask.height or ask.width * 3) * 2))
            picture = ImageOps.exif_transpose(opened)
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            picture = picture.convert("RGBA" if has_alpha else "RGB")
            bounds = (ask.width or picture.width, ask.height or picture.height)
            picture.thumbnail(bounds, Image.Resampling.LANCZOS, reducing_gap=2.0)
            return _write(picture, target, has_alpha=has_alpha)
    except (OSError, ValueError, SyntaxError, EOFError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        return Failed(f"{type(error).__name__}: {error}"[:300])


def warm_up() -> None:
    """Load the decoders and encoders while that is still possible."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and is asked before decoding
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")
    for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "ICO"):
        packed = io.BytesIO()
        Image.new("RGB", (32, 32)).save(packed, name)
        packed.seek(0)
        with Image.open(packed) as again:
            ImageOps.exif_transpose(again).convert("RGBA").thumbnail((8, 8))


def _write(picture: Image.Image, target: int, *, has_alpha: bool) -> ResizeAnswer:
    with os.fdopen(os.dup(target), "wb") as file:
        if has_alpha:
            picture.save(file, "WEBP", quality=QUALITY, method=4)
        else:
            picture.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return ResizeAnswer("image/webp" if has_alpha else "image/jpeg", picture.width, picture.height)
