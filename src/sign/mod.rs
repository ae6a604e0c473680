//! (room not yet furnished)
