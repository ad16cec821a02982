"""Augmentation of batches of gray faces on the device, one affine warp and cheap pixel changes."""

import torch
import torch.nn.functional as F


def _uniform(n, low, high, device):
    return torch.empty(n, device=device).uniform_(low, high)


def warp(images, size, roll=15.0, zoom=(0.82, 1.25), shift=0.10):
    """Turns, scales, shifts, mirrors N×C×H×W pictures at random and samples them at size×size."""
    n, device = len(images), images.device
    angle = torch.deg2rad(torch.randn(n, device=device).clamp(-2, 2) * roll / 2)
    scale = torch.exp(_uniform(n, *[float(torch.log(torch.tensor(z))) for z in zoom], device))
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    stretch = _uniform(n, 0.93, 1.07, device)
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0] = torch.cos(angle) / scale * mirror * stretch
    theta[:, 0, 1] = -torch.sin(angle) / scale * stretch
    theta[:, 1, 0] = torch.sin(angle) / scale * mirror / stretch
    theta[:, 1, 1] = torch.cos(angle) / scale / stretch
    theta[:, :, 2] = _uniform((n, 2), -2 * shift, 2 * shift, device)
    grid = F.affine_grid(theta, (n, 1, size, size), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def light(images):
    """Changes contrast, brightness and gamma, adds noise, of pictures in [0, 1]."""
    n, device = len(images), images.device
    view = (n, 1, 1, 1)
    gamma = torch.exp(_uniform(n, -0.4, 0.4, device)).view(view)
    images = images.clamp(1e-3, 1) ** gamma
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(_uniform(n, -0.4, 0.3, device)).view(view)
    images = (images - mean) * contrast + mean + _uniform(n, -0.12, 0.12, device).view(view)
    # Some are much darker, as in a room at night.
    images = images * torch.where(torch.rand(n, device=device) < 0.2, _uniform(n, 0.35, 0.9, device), torch.ones(n, device=device)).view(view)
    noise = torch.randn_like(images) * (_uniform(n, 0, 0.04, device) * (torch.rand(n, device=device) < 0.4)).view(view)
    return (images + noise).clamp(0, 1)


def soften(images):
    """Blurs a third of the pictures by sampling them down and up again."""
    size = images.shape[-1]
    chosen = torch.rand(len(images), device=images.device) < 0.33
    if not chosen.any():
        return images
    small = int(torch.randint(size // 3, size * 3 // 4, (1,)))
    blurred = F.interpolate(images[chosen], size=(small, small), mode="area")
    images = images.clone()
    images[chosen] = F.interpolate(blurred, size=(size, size), mode="bilinear", align_corners=False)
    return images


def cover(images):
    """Covers a rectangle of a quarter of the pictures with one gray."""
    n, _, h, w = images.shape
    images = images.clone()
    for i in (torch.rand(n) < 0.25).nonzero().flatten().tolist():
        ch, cw = (int(torch.randint(h // 8, h // 3, (1,))) for _ in range(2))
        y, x = int(torch.randint(0, h - ch, (1,))), int(torch.randint(0, w - cw, (1,)))
        images[i, :, y : y + ch, x : x + cw] = float(torch.rand(1))
    return images


def unit(images):
    """u8 N×H×W or N×C×H×W → f32 N×C×H×W in [0, 1]."""
    return (images.unsqueeze(1) if images.ndim == 3 else images).float() / 255


def augment(images, size):
    """u8 N×H×W or N×C×H×W → f32 N×C×size×size in [-1, 1], changed at random."""
    x = unit(images)
    return cover(soften(light(warp(x, size)))) * 2 - 1


def plain(images, size):
    """u8 N×H×W or N×C×H×W → f32 N×C×size×size in [-1, 1], as the program samples a cropped picture."""
    x = F.interpolate(unit(images), size=(size, size), mode="bilinear", align_corners=False)
    return x * 2 - 1
