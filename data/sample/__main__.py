"""`python -m data.sample FOLDER`: write an invented community of any size."""

import argparse
from pathlib import Path

from data.sample.community import SEED, generate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--members", type=int, default=600)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--interactions", type=int, default=None)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--without-effects", action="store_true")
    chosen = parser.parse_args()
    generate(
        chosen.folder,
        members=chosen.members,
        years=chosen.years,
        interactions=chosen.interactions,
        seed=chosen.seed,
        effects=not chosen.without_effects,
    )


if __name__ == "__main__":
    main()
