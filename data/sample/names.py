"""Names for invented people: given names from many places, family names that nobody bears."""

import numpy as np

GIVEN = """
Abeni Aino Alba Amara Anouk Arjun Ayumi Bao Bela Bilal Chidi Chiara Dagny Deniz Edda Elif Emeka Esra Femi Finn Freya Gita
Hana Hugo Ilka Imani Ines Ivo Jana Jin Juno Kaya Keanu Kofi Lars Leilani Lina Luca Malik Marisol Mei Milan Nadia Nia Noor
Oleg Olu Paloma Pia Priya Quinn Rafa Rania Ravi Remy Rosa Sami Selma Sione Siv Tadeo Taro Tess Thandi Uma Vesna Wren Xochi
Yara Yusuf Zeno Zofia
"""
FAMILY = """
Abendroye Akintolu Alderquist Amaredo Ashwick Balintari Barrowfen Belgravi Brindlemoor Castelleve Chandrevi Cloverdene
Dalbyholt Delacombre Dunnewick Ekholmar Elderfenn Fairbrooke Farouzin Fennimarsh Gallowyn Garrivon Glenhollow Grevelund
Haddaween Harrowgale Hemsleigh Ibarrolo Inkersley Iversholt Jankovell Jesmonder Kallioma Karavasso Kestreling Kimotani
Lanternay Lindefjell Lomaredo Maddowick Marekova Mbekani Mirandello Nakosaki Nettlefold Nyborgen Okavendu Orlandeau
Osterwyn Palmerano Pemberlow Quillfeather Ramanuvi Raskelund Rivasola Saltermere Sorellini Suzumori Tammerholt Tanimora
Thornabay Ulmerado Umberlake Varadesh Vargholm Wexcombe Winterbourn Xanthely Yilmazar Yorrinder Zanderloo Zubielka
"""
BOTS = ("Digest bot", "Rota bot", "Welcome bot")


def invent_names(rng: np.random.Generator, count: int) -> list[str]:
    """`count` names, none twice as long as there are enough."""
    given, family = GIVEN.split(), FAMILY.split()
    pairs = len(given) * len(family)
    chosen = rng.choice(pairs, size=count, replace=count > pairs)
    return [f"{given[pair // len(family)]} {family[pair % len(family)]}" for pair in chosen]
