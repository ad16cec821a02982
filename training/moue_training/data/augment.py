"""Augmentation of batches of faces: a random affine warp, photometric changes, blur and erasing."""

import torch
import torch.nn.functional as F


def _uniform(shape: int | tuple[int, ...], low: float, high: float) -> torch.Tensor:
    return torch.empty(shape).uniform_(low, high)


def random_affine(
    images: torch.Tensor,
    size: int,
    roll: float = 15.0,
    zoom: tuple[float, float] = (0.82, 1.25),
    shift: float = 0.10,
) -> torch.Tensor:
    """Rotates, scales, stretches, shifts and mirrors N×C×H×W pictures; returns N×C×size×size.

    `roll` is twice the standard deviation of the rotation in degrees, `shift` the largest shift as
    a share of the side. They cover how far moue's own eye key points err, and heads that lean.
    """
    n = len(images)
    angle = torch.deg2rad(torch.randn(n).clamp(-2, 2) * roll / 2)
    # The logarithm in single precision, so that seeds give the same pictures as ever.
    low, high = (float(torch.log(torch.tensor(z))) for z in zoom)
    scale = torch.exp(_uniform(n, low, high))
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    stretch = _uniform(n, 0.93, 1.07)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = torch.cos(angle) / scale * mirror * stretch
    theta[:, 0, 1] = -torch.sin(angle) / scale * stretch
    theta[:, 1, 0] = torch.sin(angle) / scale * mirror / stretch
    theta[:, 1, 1] = torch.cos(angle) / scale / stretch
    # The grid spans -1 to 1, two units for one side.
    theta[:, :, 2] = _uniform((n, 2), -2 * shift, 2 * shift)
    grid = F.affine_grid(theta, (n, 1, size, size), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def color_jitter(images: torch.Tensor) -> torch.Tensor:
    """Changes gamma, contrast and brightness and adds noise, of pictures in [0, 1]."""
    n = len(images)
    view = (n, 1, 1, 1)
    gamma = torch.exp(_uniform(n, -0.4, 0.4)).view(view)
    # Zero has no finite gradient under a power below 1.
    images = images.clamp(1e-3, 1) ** gamma
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(_uniform(n, -0.4, 0.3)).view(view)
    images = (images - mean) * contrast + mean + _uniform(n, -0.12, 0.12).view(view)
    # A fifth are much darker, as in a room at night.
    dark = torch.rand(n) < 0.2
    images = images * torch.where(dark, _uniform(n, 0.35, 0.9), torch.ones(n)).view(view)
    noise = torch.randn_like(images)
    strength = _uniform(n, 0, 0.04) * (torch.rand(n) < 0.4)
    return (images + noise * strength.view(view)).clamp(0, 1)


def random_blur(images: torch.Tensor) -> torch.Tensor:
    """Blurs a third of the pictures by sampling them down and up again, as small faces are."""
    size = images.shape[-1]
    chosen = torch.rand(len(images)) < 0.33
    if not chosen.any():
        return images
    small = int(torch.randint(size // 3, size * 3 // 4, (1,)))
    blurred = F.interpolate(images[chosen], size=(small, small), mode="area")
    images = images.clone()
    images[chosen] = F.interpolate(blurred, size=(size, size), mode="bilinear", align_corners=False)
    return images


def random_erasing(images: torch.Tensor) -> torch.Tensor:
    """Covers a rectangle of a quarter of the pictures with one gray (Zhong et al. 2020)."""
    n, _, h, w = images.shape
    images = images.clone()
    for i in (torch.rand(n) < 0.25).nonzero().flatten().tolist():
        ch, cw = (int(torch.randint(h // 8, h // 3, (1,))) for _ in range(2))
        y = int(torch.randint(0, h - ch, (1,)))
        x = int(torch.randint(0, w - cw, (1,)))
        images[i, :, y : y + ch, x : x + cw] = float(torch.rand(1))
    return images


def to_unit_range(images: torch.Tensor) -> torch.Tensor:
    """Converts u8 N×H×W or N×C×H×W to f32 N×C×H×W in [0, 1]."""
    return (images.unsqueeze(1) if images.ndim == 3 else images).float() / 255


def augment(images: torch.Tensor, size: int) -> torch.Tensor:
    """Converts u8 N×H×W or N×C×H×W to f32 N×C×size×size in [-1, 1], changed at random."""
    x = random_affine(to_unit_range(images), size)
    return random_erasing(random_blur(color_jitter(x))) * 2 - 1


def resize(images: torch.Tensor, size: int) -> torch.Tensor:
    """Converts u8 N×H×W or N×C×H×W to f32 N×C×size×size in [-1, 1], as moue samples a crop."""
    x = F.interpolate(
        to_unit_range(images), size=(size, size), mode="bilinear", align_corners=False
    )
    return x * 2 - 1


def mixup(
    faces: torch.Tensor, votes: torch.Tensor, alpha: float = 0.2
) -> tuple[torch.Tensor, torch.Tensor]:
    """Blends half of the batches with a shuffled copy, pictures and votes alike.

    Mixup (Zhang et al. 2018); its authors recommend an `alpha` of 0.1 to 0.4 for ImageNet.
    """
    if torch.rand(()) < 0.5:
        return faces, votes
    share = float(torch.distributions.Beta(alpha, alpha).sample())
    order = torch.randperm(len(faces))
    blended_votes = share * votes + (1 - share) * votes[order]
    return share * faces + (1 - share) * faces[order], blended_votes
