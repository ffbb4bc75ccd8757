//! Laws of a roll.
