"""What moue raises. All are :exc:`MoueError`; a file that is not there is also Python's own error."""


class MoueError(Exception):
    """Something that moue cannot do, and why."""


class PictureError(MoueError, ValueError):
    """A file, a buffer or a video cannot be decoded, or is larger than the limits allow."""


class NoFaceError(MoueError, ValueError):
    """A picture has no face, or none that can be embedded."""


class NetworkError(MoueError):
    """A network does not run: a fault of moue."""


class DeadlineError(MoueError, TimeoutError):
    """The ``timeout`` of a call has passed."""


class GalleryError(MoueError):
    """A gallery cannot be opened, read or written."""


class GalleryMissingError(GalleryError, FileNotFoundError):
    """There is no gallery at a path."""


class GalleryBusyError(GalleryError):
    """Another program writes to the gallery."""


class GalleryDamagedError(GalleryError):
    """The file is no gallery, or damaged; ``moue gallery verify --repair`` keeps what can be read."""


class GalleryReadOnlyError(GalleryError):
    """The gallery was opened for reading."""


class StoreUnreachableError(GalleryError, ConnectionError):
    """There is no server at a store's address, or it refuses the user."""


class OtherWeightsError(GalleryError):
    """The gallery was made with other weights; ``moue gallery reembed`` embeds its pictures again."""
