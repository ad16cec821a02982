"""What the fine-tuning asks for: winks and kisses, and that all else stays as it is."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..data.drawn_expressions import KISS, NUMBERS, UNMISTAKABLE
from ..data.ferplus import EMOTIONS
from .cross_style import NO_CLASS, TEMPERATURE, cross_style_loss, picking_losses
from .head_targets import is_doubtful, neighbor_loss
from .losses import Triplets, hubness_loss, row_distances, triplet_loss, triplet_terms
from .metric import SHARPNESS, smiles_loss, spread_loss, states_loss, style_loss
from .metric_data import DrawnFaces, Photos

PERSON_TRIPLETS, EMOTION_TRIPLETS, VOTE_TRIPLES = 128, 512, 4096
# Faces that are looked at for hubs among the others.
HUB_FACES = 128
WINK = NUMBERS["wink"]
# Added to the share of drawings of an emotion, whose logarithm is taken.
LEAST_PICKED = 1e-4


@dataclass(frozen=True)
class TuningWeights:
    """Weights of the losses, chosen by hand as those of `metric` were.

    Those of `kept…` hold photos, cartoons and drawings where the network before has them.
    """

    kept: float = 8.0
    kept_distances: float = 30.0
    kept_answers: float = 60.0
    triplets: float = 7.0
    emotion: float = 1.5
    states: float = 1.0
    style: float = 1.5
    emotion_triplets: float = 3.0
    rare_drawn: float = 0.0
    unmistakable: float = 2.0
    spread: float = 0.25
    hubness: float = 0.0
    head_drawn: float = 1.0
    head_neighbors: float = 0.5
    smiles: float = 0.7
    winks: float = 2.0
    wink_drawn: float = 0.5
    no_wink: float = 4.0
    kisses: float = 1.0
    kiss_drawn: float = 0.5
    no_kiss: float = 2.0


# Those of the layers behind the features alone, with more faces in a batch. The features have moved
# away from where they were, and the distances of photos come back. `no_wink` and `no_kiss` count so
# much because hardly anybody winks or kisses: with 4 and 3.6, 4 % of adults got a drawing that
# winks, and up to 9 % of a group one that kisses, most often people with full lips.
HEAD_WEIGHTS = TuningWeights(
    kept=0.0,
    kept_distances=300.0,
    triplets=10.0,
    emotion=2.0,
    style=1.0,
    emotion_triplets=8.0,
    spread=0.6,
    hubness=0.12,
    head_drawn=0.7,
    head_neighbors=0.0,
    winks=3.0,
    wink_drawn=1.0,
    no_wink=12.0,
    kiss_drawn=0.4,
    no_kiss=20.0,
)
# Those of a last stage alone, from weights that know winks and kisses already, and so need to be
# asked for them less. What such a stage adds is that fear and disgust pick drawings of them.
LAST_WEIGHTS = replace(
    HEAD_WEIGHTS,
    rare_drawn=1.0,
    spread=1.0,
    winks=0.7,
    wink_drawn=0.1,
    kisses=0.3,
    kiss_drawn=0.1,
)
# The emotions that too few clear faces show for a class of their own, by their numbers, and the
# share of votes from which a face shows one. FER+'s 28,000 training faces have about 700 of them.
RARE, RARE_SHARE = (EMOTIONS.index("disgust"), EMOTIONS.index("fear")), 0.45


@dataclass
class TunedFaces:
    """Embeddings of a batch, and of all drawings, by the network that is tuned.

    `photos`, `drawings` have the labels of their faces. `winks` (P×4×64) are open eyes, two winks
    and closed eyes of each person, `kisses` (Q×2×64) closed and pursed lips. `kept` (K×64) are
    embeddings of photos and cartoons, and `before` (K×64) those that the network before had of
    them; `kept_drawings` and `drawings_before` (D×64 each) are the same of some drawings, and of
    some of those that emoji are embedded from.
    """

    photos: Photos
    others: torch.Tensor
    drawings: DrawnFaces
    all_drawings_before: torch.Tensor
    heads: torch.Tensor
    head_features: torch.Tensor
    head_expressions: torch.Tensor
    head_weights: torch.Tensor
    smiles: torch.Tensor
    winks: torch.Tensor
    kisses: torch.Tensor
    kept: torch.Tensor
    before: torch.Tensor
    kept_drawings: torch.Tensor
    drawings_before: torch.Tensor


@dataclass
class _Styled:
    """Embeddings (N×64) of faces of one style whose emotion is known, and the emotions (N)."""

    embeddings: torch.Tensor
    classes: torch.Tensor

    @classmethod
    def clear(cls, faces: Photos | DrawnFaces) -> "_Styled":
        """Returns the faces whose emotion is known."""
        known = faces.classes != NO_CLASS
        return cls(faces.embeddings[known], faces.classes[known])


def tuning_losses(faces: TunedFaces, weights: TuningWeights) -> dict[str, torch.Tensor]:
    """Returns the terms of the loss; those without a weight are left out."""
    terms = {
        **kept_losses(faces),
        **photo_losses(faces),
        **head_losses(faces),
        **made_losses(faces),
    }
    return {
        name: getattr(weights, name) * value
        for name, value in terms.items()
        if getattr(weights, name) > 0
    }


def kept_losses(faces: TunedFaces) -> dict[str, torch.Tensor]:
    """Returns what keeps photos, cartoons and drawings where they were, and their answers."""
    kept, before = faces.kept, faces.before
    moved = (kept - before).square().sum(1).mean()
    moved_drawings = (faces.kept_drawings - faces.drawings_before).square().sum(1).mean()
    between = torch.cdist(kept, kept) - torch.cdist(before, before)
    answers = torch.cdist(kept, torch.cat([faces.drawings.embeddings, faces.kept_drawings]))
    gallery_before = torch.cat([faces.all_drawings_before, faces.drawings_before])
    answers_before = torch.cdist(before, gallery_before)
    change = _centered(answers) - _centered(answers_before)
    return {
        "kept": 0.75 * moved + 0.25 * moved_drawings,
        "kept_distances": between.square().mean(),
        "kept_answers": change.square().mean(),
    }


def _centered(rows: torch.Tensor) -> torch.Tensor:
    return rows - rows.mean(1, keepdim=True)


def photo_losses(faces: TunedFaces) -> dict[str, torch.Tensor]:
    """Returns what photos with votes ask for, as in `metric`."""
    photos, drawn = faces.photos, faces.drawings
    own, drawings = photos.embeddings, drawn.embeddings
    everybody = torch.cat([own, faces.others])
    clear = _Styled.clear(photos)
    return {
        "triplets": triplet_loss(own, photos.votes, count=VOTE_TRIPLES),
        "emotion": cross_style_loss(own, photos.classes, drawings, drawn.classes),
        "states": states_loss(own, drawings, photos, drawn),
        "style": style_loss(own, photos.classes, drawings, drawn.classes),
        "emotion_triplets": emotion_triplets(clear, _Styled.clear(drawn)),
        "rare_drawn": rare_emotions_loss(photos, drawn),
        "unmistakable": avoids(clear.embeddings, drawn, *UNMISTAKABLE),
        "spread": spread_loss(everybody),
        "hubness": hubness_loss(*everybody.split([HUB_FACES, len(everybody) - HUB_FACES])),
    }


def rare_emotions_loss(photos: Photos, drawn: DrawnFaces) -> torch.Tensor:
    """Returns the cross entropy of photos of rare emotions picking drawings by the votes.

    Of several emotions that a face has votes for, drawings of each are right by their share.
    """
    shows = (photos.votes[:, RARE] >= RARE_SHARE).any(1)
    cosines = photos.embeddings[shows] @ drawn.embeddings.T / TEMPERATURE
    picked = cosines.softmax(1)
    of_emotions = torch.stack([picked[:, drawn.classes == c].sum(1) for c in range(8)], 1)
    losses = -(photos.votes[shows] * (of_emotions + LEAST_PICKED).log()).sum(1)
    return losses.sum() / max(len(losses), 1)


def head_losses(faces: TunedFaces) -> dict[str, torch.Tensor]:
    """Returns what rendered heads ask for."""
    shown = faces.drawings.expressions
    doubtful = is_doubtful(faces.head_expressions, shown)
    drawn = cross_style_loss(
        faces.heads,
        faces.head_expressions,
        faces.drawings.embeddings,
        shown,
        faces.head_weights,
        doubtful,
    )
    return {
        "head_drawn": drawn,
        "head_neighbors": neighbor_loss(faces.heads, faces.head_features),
        "smiles": smiles_loss(faces.smiles),
    }


def made_losses(faces: TunedFaces) -> dict[str, torch.Tensor]:
    """Returns what winks and kisses ask for: to be alike, and to pick drawings that show them."""
    opened, first, second, asleep = faces.winks.unbind(1)
    plain, kisses = faces.kisses.unbind(1)
    winks = torch.cat([first, second])
    photos = torch.cat([faces.photos.embeddings, faces.others])
    told = [told_apart(first, second, other) for other in (opened, asleep)]
    told += [told_apart(other, other, first) for other in (opened, asleep)]
    told += [told_apart(first, second, photos), same_class_told(_Styled.clear(faces.photos), first)]
    told_kisses = [told_apart(kisses, kisses, plain), told_apart(plain, plain, kisses)]
    no_wink = torch.cat([opened, asleep, photos])
    no_kiss = torch.cat([plain, photos])
    return {
        "winks": torch.stack(told).mean(),
        "wink_drawn": picks(winks, faces.drawings, WINK),
        "no_wink": avoids(no_wink, faces.drawings, WINK),
        "kisses": torch.stack(told_kisses).mean(),
        "kiss_drawn": picks(kisses, faces.drawings, KISS),
        "no_kiss": avoids(no_kiss, faces.drawings, KISS),
    }


def told_apart(one: torch.Tensor, two: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Returns the triplet loss of faces (P×64 each) of two persons, and a third who shows another.

    Row by row, `one` and `two` are of one person.
    """
    a, b, c = (torch.randint(0, len(rows), (PERSON_TRIPLETS,)) for rows in (one, two, other))
    apart = a != b
    table = torch.cat([one, two, other])
    b, c = b + len(one), c + len(one) + len(two)
    return _terms(table, a[apart], b[apart], c[apart])


def emotion_triplets(photos: _Styled, drawn: _Styled) -> torch.Tensor:
    """Returns the triplet loss of a face, one of its emotion, and a photo or drawing of another.

    The one of its emotion is a photo or a drawing, the other one of the face's own style: emotion
    is to count more than person and style.
    """
    return (
        emotion_told(photos, photos)
        + emotion_told(photos, drawn)
        + 0.5 * emotion_told(drawn, photos)
    )


def emotion_told(own: _Styled, across: _Styled) -> torch.Tensor:
    """Returns the loss of faces of one style, those of their emotion, and of another of the style.

    All emotions are drawn equally often.
    """
    counts = torch.bincount(own.classes, minlength=8).float()
    balance = counts.clamp(min=1).reciprocal()[own.classes]
    anchors = torch.multinomial(balance, EMOTION_TRIPLETS, replacement=True)
    alike = (own.classes[anchors, None] == across.classes).float()
    anchors, alike = anchors[alike.any(1)], alike[alike.any(1)]
    same = torch.multinomial(alike, 1).flatten()
    other = torch.multinomial((own.classes[anchors, None] != own.classes) * balance, 1).flatten()
    anchor = own.embeddings[anchors]
    near = row_distances(anchor, across.embeddings[same])
    far = row_distances(anchor, own.embeddings[other])
    return F.softplus(SHARPNESS * (near - far)).mean()


def same_class_told(photos: _Styled, winks: torch.Tensor) -> torch.Tensor:
    """Returns the triplet loss of two photos of one emotion, and a wink (P×64)."""
    count = len(photos.classes)
    alike = (photos.classes[:, None] == photos.classes).float()
    other = torch.multinomial(alike, 1).flatten()
    odd = torch.randint(0, len(winks), (count,)) + count
    return _terms(torch.cat([photos.embeddings, winks]), torch.arange(count), other, odd)


def _terms(
    table: torch.Tensor, a: torch.Tensor, b: torch.Tensor, odd: torch.Tensor
) -> torch.Tensor:
    triplets = Triplets(a, b, odd, torch.ones(len(a)))
    return triplet_terms(table, triplets, SHARPNESS).mean()


def picks(faces: torch.Tensor, drawings: DrawnFaces, expression: int) -> torch.Tensor:
    """Returns the cross entropy of faces (N×64) picking a drawing of this expression."""
    is_right = (drawings.expressions == expression).expand(len(faces), -1)
    return picking_losses(faces @ drawings.embeddings.T / TEMPERATURE, is_right).mean()


def avoids(faces: torch.Tensor, drawings: DrawnFaces, *expressions: int) -> torch.Tensor:
    """Returns the cross entropy of faces (N×64) picking any drawing but those of expressions."""
    is_wrong = torch.isin(drawings.expressions, torch.tensor(expressions))
    is_right = (~is_wrong).expand(len(faces), -1)
    return picking_losses(faces @ drawings.embeddings.T / TEMPERATURE, is_right).mean()
