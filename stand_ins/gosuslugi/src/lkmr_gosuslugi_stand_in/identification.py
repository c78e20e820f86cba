"""Identification of a person online: by video, or by the passport and a selfie with it.

The media are judged and dropped: neither a picture nor a template of a face is kept (ФЗ-572).
"""

from lkmr_gosuslugi_stand_in import media
from lkmr_gosuslugi_stand_in.media import Picture, Unreadable
from lkmr_gosuslugi_stand_in.pages import Problem

_MIN_SIDE, _MIN_FRAMES = 200, 8
_DARK, _PALE, _FLAT, _GLARE, _STILL, _ALIKE = 40, 225, 12, 0.35, 1.0, 0.8

PHOTO_SAMPLES = {
    "good": ("Хорошие снимки", "passport.png", "selfie.png"),
    "glare": ("Паспорт с бликом", "passport-glare.png", "selfie.png"),
    "stranger": ("На селфи другой человек", "passport.png", "selfie-stranger.png"),
}
VIDEO_SAMPLES = {
    "video": ("Хорошее видео", "video.y4m"),
    "video-dark": ("Видео в темноте", "video-dark.y4m"),
    "video-still": ("Фотография вместо лица", "video-still.y4m"),
}
SAMPLE_FILES = frozenset(
    file for one in (*PHOTO_SAMPLES.values(), *VIDEO_SAMPLES.values()) for file in one[1:]
)


def video_fault(data: bytes) -> Problem | None:
    """Why a video confirms nobody; None when it does."""
    try:
        frames = media.read_y4m(data)
    except Unreadable:
        return _video("Файл не похож на видео, которое понимает стенд (Y4M в оттенках серого).")
    if len(frames) < _MIN_FRAMES:
        return _video("Видео слишком короткое.")
    if not _DARK <= media.brightness(frames[0]) <= _PALE:
        return _video("На видео слишком темно или слишком светло.")
    if media.movement(frames) < _STILL:
        return _video("Лицо на видео не двигается: покажите живого человека.")
    return None


def photos_fault(passport: bytes, selfie: bytes) -> Problem | None:
    """Why two pictures confirm nobody; None when they do."""
    try:
        pictures = {"паспорта": media.read_png(passport), "с селфи": media.read_png(selfie)}
    except Unreadable:
        return _unreadable("Файл не похож на снимок, который понимает стенд (PNG, 8 бит).")
    for name, picture in pictures.items():
        if reason := _picture_fault(picture):
            return _unreadable(f"Снимок {name}: {reason}.")
    one, other = pictures.values()
    faces = (
        one.patch(*media.PASSPORT_FACE, media.FACE),
        other.patch(*media.SELFIE_FACE, media.FACE),
    )
    if media.likeness(*faces) < _ALIKE:
        return Problem(
            "LKMR-REG-005",
            "Не удалось подтвердить личность: лицо на селфи не похоже на фото в паспорте.",
            "Сделайте селфи с раскрытым паспортом при хорошем свете или выберите видео.",
            422,
        )
    return None


def _picture_fault(picture: Picture) -> str:
    if picture.width < media.SELFIE_FACE[0] + media.FACE or picture.height < _MIN_SIDE:
        return "он слишком мелкий"
    if media.overexposed(picture) > _GLARE:
        return "на нём блик"
    if not _DARK <= media.brightness(picture) <= _PALE:
        return "на нём слишком темно или слишком светло"
    return "он размыт" if media.contrast(picture) < _FLAT else ""


def _unreadable(reason: str) -> Problem:
    return Problem(
        "LKMR-REG-006",
        f"Снимок нечитаем. {reason}",
        "Переснимите документ целиком, без бликов.",
        422,
    )


def _video(reason: str) -> Problem:
    return Problem(
        "LKMR-REG-005",
        f"Не удалось подтвердить личность по видео. {reason}",
        "Повторите при хорошем свете или загрузите фото паспорта и селфи.",
        422,
    )
