//! The fonts: which has a character, how wide it is, what its outline looks like.
