"""Names and ids of accounts and users."""

from __future__ import annotations

import numpy as np

from pql_tools.simulator.event_rows import STRANGERS
from pql_tools.simulator.people import Accounts


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


NAME_STARTS = words(
    """
    Amber Bright Cedar Clear Cobalt Copper Coral Crest Delta Ember Fern Flint Harbor Hazel Iron Juniper
    Kestrel Lantern Larch Linden Lumen Maple Marble Meadow Mosaic Nimbus Oak Olive Onyx Orchard Pebble
    Pine Quill Raven Ridge River Saffron Slate Sparrow Tidal
    """
)
NAME_ENDS = words(
    """
    bridge brook craft dale field forge gate grove haven hill house lane leaf light line loop mark mill
    path peak point port rise shore side spring stone stream track vale view wave way well wharf wing
    wood works yard crest
    """
)
NAME_KINDS = ("Labs", "Studio", "Group", "Logistics", "Health", "Software", "Partners", "Foods")
FIRST_NAMES = words(
    """
    Ada Amir Ana Ben Carla Chen Chidi Clara Dana Diego Elif Emma Farid Femke Grace Hana Hugo Ines Ivan
    Jana Jonas Kaito Lena Liam Luca Maya Mia Nia Noah Olga Omar Priya Ravi Rosa Sara Sven Tara Tom Uma
    Yuki
    """
)
LAST_NAMES = words(
    """
    Abe Adeyemi Bauer Becker Brown Costa Dubois Evans Fischer Garcia Haddad Hansen Ito Jansen Jones Kaur
    Khan Kim Laurent Lopez Mehta Meyer Moreau Nguyen Novak Okafor Olsen Patel Petrov Rao Rossi Santos
    Sato Schmidt Silva Singh Smith Tanaka Weber Young
    """
)
INDUSTRIES = {
    "software": 26,
    "agency": 16,
    "retail": 12,
    "education": 10,
    "healthcare": 9,
    "logistics": 8,
    "finance": 8,
    "manufacturing": 7,
    None: 4,
}
USERS_FROM, USERS_PER_BLOCK, STRANGERS_FROM = 2**44, 2**20, 2**40  # numbers behind the ids
GOLDEN = 0x9E3779B97F4A7C15  # odd, so multiplying by it permutes the numbers below a power of two


def opaque_ids(prefix: str, numbers: np.ndarray, digits: int = 12) -> list[str]:
    """Return ids that look random and are unique: the numbers, permuted, in hexadecimal."""
    mask = 16**digits - 1
    return [f"{prefix}{(number + 1) * GOLDEN & mask:0{digits}x}" for number in numbers.tolist()]


def company_name(number: int) -> tuple[str, str]:
    """Return an account's name and domain; the first 1,600 stems are distinct, later domains are numbered."""
    stems = len(NAME_STARTS) * len(NAME_ENDS)
    again, stem = divmod(number, stems)
    first, last = divmod(stem * 1013 % stems, len(NAME_ENDS))
    name = f"{NAME_STARTS[first]}{NAME_ENDS[last]}"
    kind = NAME_KINDS[(number * 5 + again) % len(NAME_KINDS)]
    return f"{name} {kind}", f"{name.lower()}{again or ''}.example"


def account_ids(accounts: Accounts) -> list[str]:
    """Return the accounts' ids, then those of accounts that nobody knows."""
    strangers = STRANGERS_FROM + accounts.number[0] * STRANGERS + np.arange(STRANGERS)
    return opaque_ids("acc_", np.concatenate([accounts.number, strangers]))
